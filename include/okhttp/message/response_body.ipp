// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_RESPONSE_BODY_IPP
#define OKHTTP_MESSAGE_RESPONSE_BODY_IPP

#include <okhttp/message/response_body.hpp>

#include <okhttp/base/task_runner.hpp>
#include <okhttp/message/charset.hpp>
#include <okhttp/message/file_io.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstring>
#include <string>

OKHTTP_NAMESPACE_BEGIN

namespace detail::response_body {

// Memory for a whole body grows ahead of its bytes by at most this much, and each step is cleared
// while it still fits a processor's second-level cache.
inline constexpr std::size_t max_step = 256 * 1024;
// The first step for a body of unknown length, most of which are small.
inline constexpr std::size_t first_step = 8 * 1024;
// A declared length is believed up to here, and beyond up to so many times what has arrived.
inline constexpr std::uint64_t max_reserve = std::uint64_t{16} << 20;
inline constexpr std::uint64_t trusted_growth = 8;
// Less room than this is not worth a read.
inline constexpr std::size_t min_room = 2 * 1024;

/// The size of the memory for a body of which `filled` bytes are there; `expected` is the size of
/// the whole, or -1.
OKHTTP_DECL std::size_t next_size(std::size_t filled, std::int64_t expected) noexcept {
  if (expected >= 0) {
    const auto left = static_cast<std::uint64_t>(expected) - filled;
    return filled + static_cast<std::size_t>(std::min<std::uint64_t>(left, max_step));
  }
  if (filled + min_room < first_step) return first_step;
  return filled + std::min(std::max(filled * 4, first_step), max_step);
}

/// The text in UTF-8.
OKHTTP_DECL std::string decoded(std::string bytes, std::string_view content_type) {
  if (const std::optional<ByteOrderMark> mark = byte_order_mark(bytes)) {
    if (mark->charset != Charset::utf_8)
      return to_utf8(std::string_view(bytes).substr(mark->size), mark->charset);
    bytes.erase(0, mark->size);
    return bytes;
  }
  const std::size_t semicolon = content_type.find(';');
  if (semicolon == std::string_view::npos ||
      ascii::iequals(ascii::trim(content_type.substr(semicolon + 1)), "charset=utf-8"))
    return bytes;  // no need to parse what most servers say
  const std::optional<MediaTypeView> type = MediaTypeView::parse(content_type);
  if (!type) return bytes;
  const std::optional<Charset> charset = type->charset();
  if (!charset || *charset == Charset::utf_8) return bytes;
  return to_utf8(bytes, *charset);
}

/// Bytes in memory, then those of another source.
class PrefixedSource final : public BodySource {
 public:
  PrefixedSource(std::string prefix, std::unique_ptr<BodySource> rest) noexcept
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}

  Task<std::size_t> read(std::span<std::byte> into) override {
    if (at_ < prefix_.size()) {
      const std::size_t size = std::min(into.size(), prefix_.size() - at_);
      std::memcpy(into.data(), prefix_.data() + at_, size);
      at_ += size;
      co_return size;
    }
    if (!rest_) co_return 0;
    co_return co_await rest_->read(into);
  }
  Task<void> close() override {
    at_ = prefix_.size();
    if (rest_) co_await rest_->close();
  }
  TaskRunner* runner() const noexcept override { return rest_ ? rest_->runner() : nullptr; }
  Headers trailers() const override { return rest_ ? rest_->trailers() : Headers(); }

 private:
  const std::string prefix_;
  std::size_t at_ = 0;
  const std::unique_ptr<BodySource> rest_;
};

}  // namespace detail::response_body

// A body's life:
//
//   open --read gives 0--> ended         open --string, bytes, save_to, take_source--> taken
//   any --close--> closed                open, taken --not as long as declared--> failed
//   unreadable: from its birth
//
// Only `open` gives bytes; reading an `ended` one in pieces gives 0 again. An error of the source
// changes nothing here: the source gives it again.
struct ResponseBody::State {
  enum class Phase : unsigned char { open, ended, taken, failed, closed, unreadable };

  /// Why the body cannot be read now. `whole`: by a function that wants all of it.
  std::optional<Error> fault(bool whole) const {
    const char* text = nullptr;
    if (is_busy)
      text = "a response body has one reader at a time, and another one is still waiting for bytes";
    else if (phase == Phase::taken)
      text =
          "a response body can be read once, and this one was already taken (string, bytes, "
          "save_to); keep what that gave, or look ahead with peek";
    else if (phase == Phase::failed)
      text = "reading the response body has already failed";
    else if (phase == Phase::closed)
      text = "the response body is closed";
    else if (phase == Phase::unreadable)
      text =
          "the body of a network, cache or prior response cannot be read; read the one of the "
          "response that holds it";
    else if (phase == Phase::ended && whole)
      text = "a response body can be read once, and read has already given all of this one";
    if (text == nullptr) return std::nullopt;
    return Error(Errc::misuse, text);
  }

  /// Counts what the source gave; 0 is its end. Gives a fault if that is not what was declared.
  std::optional<Error> count(std::size_t size) {
    received += size;
    if (size == 0) source_ended = true;
    if (content_length < 0) return std::nullopt;
    const auto declared = static_cast<std::uint64_t>(content_length);
    if (received == declared || (size > 0 && received < declared)) return std::nullopt;
    phase = Phase::failed;
    if (received > declared)
      return Error(Errc::protocol_error, "the response body has more than its declared ", declared, " bytes");
    return Error(Errc::unexpected_end, "the response body ended after ", received, " of ", declared, " bytes");
  }

  std::size_t buffered() const noexcept { return end - begin; }
  /// Moves out what is buffered.
  std::string take_buffer() {
    buffer.resize(end);
    buffer.erase(0, begin);
    begin = end = 0;
    return std::exchange(buffer, {});
  }

  std::unique_ptr<BodySource> source;  // null: nothing but the buffer
  std::string content_type;
  std::int64_t content_length = -1;
  std::uint64_t received = 0;  // bytes the source gave
  std::string buffer;          // [begin, end) is unread content, or what was peeked at
  std::size_t begin = 0;
  std::size_t end = 0;
  Phase phase = Phase::open;
  bool is_busy = false;  // a task is inside the source
  bool source_ended = false;
  bool is_started = false;  // read gave some of it

  /// Marks the body as being read, also over a task that is dropped.
  struct Busy {
    explicit Busy(State& s) noexcept : state(s) { state.is_busy = true; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    ~Busy() { state.is_busy = false; }
    State& state;
  };

  template <class Bytes>
  static Task<Bytes> read_all(StateHandle state);
#if OKHTTP_FILES
  struct SaveJob;
  static Task<void> run(TaskRunner* runner, std::shared_ptr<SaveJob> job, void (*step)(SaveJob&));
#endif
};

OKHTTP_DECL ResponseBody::ResponseBody(std::unique_ptr<BodySource> source,
                                       std::string content_type,
                                       std::int64_t content_length)
    : state_(detail::make_recycled<State>()) {
  state_->source_ended = source == nullptr;
  state_->source = std::move(source);
  state_->content_type = std::move(content_type);
  state_->content_length = content_length;
}

OKHTTP_DECL ResponseBody ResponseBody::of(std::string content, std::string content_type) {
  const std::size_t size = content.size();
  ResponseBody body(nullptr, std::move(content_type), static_cast<std::int64_t>(size));
  body.state_->buffer = std::move(content);
  body.state_->end = size;
  return body;
}

OKHTTP_DECL ResponseBody ResponseBody::unreadable(std::string content_type,
                                                  std::int64_t content_length) {
  ResponseBody body(nullptr, std::move(content_type), content_length);
  body.state_->phase = State::Phase::unreadable;
  return body;
}

OKHTTP_DECL std::int64_t ResponseBody::content_length() const noexcept {
  return state_ ? state_->content_length : 0;
}

OKHTTP_DECL std::string_view ResponseBody::content_type_text() const& noexcept {
  return state_ ? std::string_view(state_->content_type) : std::string_view();
}

OKHTTP_DECL std::optional<MediaType> ResponseBody::content_type() const {
  if (!state_ || state_->content_type.empty()) return std::nullopt;
  Result<MediaType> type = MediaType::try_parse(state_->content_type);
  if (!type) return std::nullopt;
  return std::move(*type);
}

// ---- Tasks ----

template <class Bytes>
Task<Bytes> ResponseBody::State::read_all(StateHandle state) {
  constexpr bool is_text = std::same_as<Bytes, std::string>;
  Bytes all;
  if (!state) co_return all;
  if (std::optional<Error> fault = state->fault(true)) co_await fail(std::move(*fault));
  state->phase = Phase::taken;
  const std::size_t ahead = state->buffered();
  if constexpr (is_text) {
    all = state->take_buffer();
  } else if (ahead > 0) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(state->buffer.data());
    all.assign(bytes + state->begin, bytes + state->end);
    state->take_buffer();
  }
  if (!state->source_ended) {
    std::int64_t expected = -1;
    if (state->content_length >= 0) {
      const std::uint64_t whole =
          static_cast<std::uint64_t>(state->content_length) - state->received + ahead;
      expected = static_cast<std::int64_t>(whole);
      // The only allocation for a length that is known and believed.
      all.reserve(static_cast<std::size_t>(std::min(whole, detail::response_body::max_reserve)));
    }
    const Busy busy(*state);
    std::size_t filled = ahead;
    std::byte beyond{};
    for (;;) {
      std::span<std::byte> room(&beyond, 1);  // all is there, only the end is still to come
      if (expected < 0 || filled < static_cast<std::uint64_t>(expected)) {
        const std::size_t left = all.size() - filled;
        if (left == 0 || (expected < 0 && left < detail::response_body::min_room)) {
          const std::size_t next = detail::response_body::next_size(filled, expected);
          if (expected >= 0 && next > all.capacity())
            all.reserve(static_cast<std::size_t>(
                std::min(static_cast<std::uint64_t>(expected),
                         std::uint64_t{filled} * detail::response_body::trusted_growth)));
          all.resize(next);
        }
        room = {reinterpret_cast<std::byte*>(all.data()) + filled, all.size() - filled};
      }
      const std::size_t size = co_await state->source->read(room);
      OKHTTP_ASSERT(size <= room.size());
      if (std::optional<Error> fault = state->count(size)) co_await fail(std::move(*fault));
      if (size == 0) break;
      filled += size;
    }
    all.resize(filled);
    if (filled < detail::response_body::max_step && all.capacity() / 2 > filled)
      all.shrink_to_fit();
  }
  if constexpr (is_text) {
    if (!state->is_started)
      all = detail::response_body::decoded(std::move(all), state->content_type);
  }
  co_return all;
}

OKHTTP_DECL Task<std::string> ResponseBody::read_string(StateHandle state) {
  return State::read_all<std::string>(std::move(state));
}

OKHTTP_DECL Task<std::vector<std::byte>> ResponseBody::read_bytes(StateHandle state) {
  return State::read_all<std::vector<std::byte>>(std::move(state));
}

OKHTTP_DECL Task<std::size_t> ResponseBody::read_some(StateHandle state,
                                                      std::span<std::byte> into) {
  if (into.empty())
    co_await fail(Errc::invalid_argument,
                  "ResponseBody::read needs room for at least one byte (a vector's size counts, "
                  "not its capacity)");
  if (!state) co_return 0;
  if (std::optional<Error> fault = state->fault(false)) co_await fail(std::move(*fault));
  if (state->phase == State::Phase::ended) co_return 0;
  state->is_started = true;
  if (const std::size_t size = std::min(into.size(), state->buffered()); size > 0) {
    std::memcpy(into.data(), state->buffer.data() + state->begin, size);
    state->begin += size;
    co_return size;
  }
  std::size_t size = 0;
  if (!state->source_ended) {
    const State::Busy busy(*state);
    size = co_await state->source->read(into);
    OKHTTP_ASSERT(size <= into.size());
    if (std::optional<Error> fault = state->count(size)) co_await fail(std::move(*fault));
  }
  if (size == 0) state->phase = State::Phase::ended;
  co_return size;
}

OKHTTP_DECL Task<std::string> ResponseBody::read_ahead(StateHandle state, std::size_t count) {
  if (!state) co_return std::string();
  if (std::optional<Error> fault = state->fault(false)) co_await fail(std::move(*fault));
  const State::Busy busy(*state);
  while (state->buffered() < count && !state->source_ended) {
    if (state->begin > 0) {
      state->buffer.erase(0, state->begin);
      state->end -= state->begin;
      state->begin = 0;
    }
    // Only [begin, end) counts, so that a task dropped while it waits leaves the buffer valid.
    state->buffer.resize(state->end +
                         std::min(count - state->end, detail::response_body::max_step));
    const std::span<char> room = std::span(state->buffer).subspan(state->end);
    const std::size_t size = co_await state->source->read(std::as_writable_bytes(room));
    OKHTTP_ASSERT(size <= room.size());
    if (std::optional<Error> fault = state->count(size)) co_await fail(std::move(*fault));
    state->end += size;
  }
  co_return state->buffer.substr(state->begin, std::min(count, state->buffered()));
}

OKHTTP_DECL Task<void> ResponseBody::close_source(StateHandle state) {
  if (!state) co_return;
  if (state->is_busy) co_await fail(std::move(*state->fault(false)));
  const bool is_unread = !state->source_ended && state->phase != State::Phase::closed;
  if (state->phase != State::Phase::unreadable) state->phase = State::Phase::closed;
  state->begin = state->end = 0;
  state->buffer = std::string();
  if (!is_unread) co_return;
  const std::unique_ptr<BodySource> source = std::move(state->source);
  if (!source) co_return;
  const Result<void> unreported = co_await source->close().outcome();
  (void)unreported;
}

#if OKHTTP_FILES

// What file operations touch; a helper thread may still be in it after the saving task is dropped.
// The operations are functions and not lambdas where they are awaited: GCC 12 keeps such a closure
// in the coroutine's frame and warns that the frame has a type without linkage
// (OKHTTP_HEADER_ONLY=0).
struct ResponseBody::State::SaveJob {
  static void open(SaveJob& job) { job.result = job.file.open(job.path); }
  static void write(SaveJob& job) {
    if (job.filled > 0)
      job.result = job.file.write(std::as_bytes(std::span(job.buffer).first(job.filled)));
    job.filled = 0;
  }
  static void commit(SaveJob& job) {
    write(job);
    if (job.result) job.result = job.file.commit();
  }

  std::string path;
  detail::OutputFile file;
  std::string buffer;
  std::size_t filled = 0;
  Result<void> result;
};

OKHTTP_DECL Task<void> ResponseBody::State::run(TaskRunner* runner,
                                                std::shared_ptr<SaveJob> job,
                                                void (*step)(SaveJob&)) {
  if (runner == nullptr || runner->blocks()) {
    step(*job);
  } else {
    UniqueFunction<void()> away = [job, step] { step(*job); };
    Task<void> task = runner->offload(std::move(away));
    co_await std::move(task);
  }
  if (!job->result) co_await fail(job->result.error());
}

OKHTTP_DECL Task<std::uint64_t> ResponseBody::save(StateHandle state, std::string path) {
  if (!state) state = of("").state_;
  if (std::optional<Error> fault = state->fault(true)) co_await fail(std::move(*fault));
  state->phase = State::Phase::taken;
  using Job = State::SaveJob;
  TaskRunner* const runner = state->source ? state->source->runner() : nullptr;
  const State::Busy busy(*state);
  const auto job = std::make_shared<Job>();
  job->path = std::move(path);
  job->buffer = state->take_buffer();
  job->filled = job->buffer.size();
  co_await State::run(runner, job, &Job::open);
  std::uint64_t saved = job->filled;
  while (!state->source_ended) {
    if (job->buffer.size() < detail::response_body::max_step) {
      // A body that is known to be small gets small memory, and one byte to meet its end with.
      std::uint64_t wanted = detail::response_body::max_step;
      if (state->content_length >= 0)
        wanted = std::min(wanted, static_cast<std::uint64_t>(state->content_length) + 1);
      job->buffer.resize(std::max(job->buffer.size(), static_cast<std::size_t>(wanted)));
    }
    while (!state->source_ended && job->filled < job->buffer.size()) {
      const std::span<char> room = std::span(job->buffer).subspan(job->filled);
      const std::size_t size = co_await state->source->read(std::as_writable_bytes(room));
      OKHTTP_ASSERT(size <= room.size());
      if (std::optional<Error> fault = state->count(size)) co_await fail(std::move(*fault));
      job->filled += size;
      saved += size;
    }
    if (!state->source_ended) co_await State::run(runner, job, &Job::write);
  }
  co_await State::run(runner, job, &Job::commit);
  co_return saved;
}

#endif  // OKHTTP_FILES

// ---- Blocking doors ----

template <class T>
Result<T> ResponseBody::wait_for(Task<T> task, const char* async_twin) const {
  if (state_ && state_->source)
    if (TaskRunner* const runner = state_->source->runner())
      return runner->run(std::move(task), async_twin);
  task.start();
  OKHTTP_ASSERT(task.finished());  // a source without a runner never waits
  return task.take_result();
}

OKHTTP_DECL Result<std::string> ResponseBody::try_string() const {
  if (state_ && state_->source_ended && !state_->source) {
    // All of it is here, as small bodies are: no task is needed to hand it over.
    if (std::optional<Error> fault = state_->fault(true)) return *std::move(fault);
    state_->phase = State::Phase::taken;
    std::string all = state_->take_buffer();
    return state_->is_started ? all : detail::response_body::decoded(std::move(all), state_->content_type);
  }
  return wait_for(async_string(), "async_string");
}

OKHTTP_DECL Result<std::vector<std::byte>> ResponseBody::try_bytes() const {
  return wait_for(async_bytes(), "async_bytes");
}

OKHTTP_DECL Result<std::size_t> ResponseBody::try_read_some(std::span<std::byte> into) const {
  return wait_for(read_some(state_, into), "async_read");
}

OKHTTP_DECL Result<std::string> ResponseBody::try_peek(std::size_t count) const {
  return wait_for(async_peek(count), "async_peek");
}

#if OKHTTP_FILES
OKHTTP_DECL Result<std::uint64_t> ResponseBody::try_save_to(std::string path) const {
  return wait_for(async_save_to(std::move(path)), "async_save_to");
}
#endif

OKHTTP_DECL Result<void> ResponseBody::try_close() const {
  return wait_for(async_close(), "async_close");
}

OKHTTP_DECL Result<Headers> ResponseBody::try_trailers() const {
  if (!state_) return Headers();
  if (!state_->source_ended || state_->buffered() > 0)
    return Error(Errc::misuse,
                 "trailers follow the body: read it to its end before asking for them");
  return state_->source ? state_->source->trailers() : Headers();
}

OKHTTP_DECL std::unique_ptr<BodySource> ResponseBody::take_source() const {
  if (!state_) return std::make_unique<detail::response_body::PrefixedSource>("", nullptr);
  if (state_->phase != State::Phase::open || state_->is_busy || state_->is_started) return nullptr;
  state_->phase = State::Phase::taken;
  std::unique_ptr<BodySource> source = std::move(state_->source);
  const bool is_plain = source && state_->buffered() == 0;
  state_->source_ended = false;
  if (is_plain) return source;
  return std::make_unique<detail::response_body::PrefixedSource>(state_->take_buffer(),
                                                                 std::move(source));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_RESPONSE_BODY_IPP
