// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MULTIPART_READER_IPP
#define OKHTTP_MESSAGE_MULTIPART_READER_IPP

#include <okhttp/message/multipart_reader.hpp>

#include <okhttp/base/task_runner.hpp>
#include <okhttp/message/media_type.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

OKHTTP_NAMESPACE_BEGIN

// What the reader and the bodies of its parts share.
struct MultipartReader::State {
  // How much is asked for at once: two TLS records.
  static constexpr std::size_t buffer_size = 32 * 1024;

  State(std::unique_ptr<BodySource> from, std::string_view boundary, const MultipartLimits& limits)
      : source(std::move(from)), decoder(boundary, limits) {}

  /// Why nothing can be read now.
  std::optional<Error> fault() const {
    if (failure) return failure;
    if (!is_busy) return std::nullopt;
    return Error(Errc::misuse, "a multipart body has one reader at a time, and another one is still waiting for bytes");
  }

  /// What the decoder says to the bytes that are here; need_input when there are none left. Failures are kept.
  Result<MultipartDecoder::Event> step() {
    const std::string_view bytes(reinterpret_cast<const char*>(buffer.get()) + begin, end - begin);
    Result<MultipartDecoder::Step> taken = decoder.decode(bytes);
    if (!taken) return keep(std::move(taken).error());
    begin += taken->consumed;
    content = taken->content;
    return taken->event;
  }
  const Error& keep(Error error) { return failure.emplace(std::move(error)); }

  /// Reads more, when all that is here is used up. A task that is dropped meanwhile changes nothing.
  static Task<void> fill(State& state) {
    if (!state.buffer) state.buffer = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
    state.begin = state.end = 0;
    const std::span<std::byte> room(state.buffer.get(), buffer_size);
    std::size_t size = 0;
    if (state.source) {
      const Busy busy(state);
      Result<std::size_t> read = co_await state.source->read(room).outcome();
      if (!read) co_await okhttp::fail(state.keep(std::move(read).error()));
      size = *read;
    }
    OKHTTP_ASSERT(size <= room.size());
    state.end = size;
    if (size > 0) co_return;
    const Result<void> ended = state.decoder.end_of_input();
    if (!ended) co_await okhttp::fail(state.keep(ended.error()));
  }

  /// Marks the body as being read, also over a task that is dropped.
  struct Busy {
    explicit Busy(State& s) noexcept : state(s) { state.is_busy = true; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    ~Busy() { state.is_busy = false; }
    State& state;
  };

  const std::unique_ptr<BodySource> source;  // null: there is nothing to read
  MultipartDecoder decoder;
  std::optional<Error> failure;
  std::unique_ptr<std::byte[]> buffer;
  std::size_t begin = 0;  // [begin, end) of the buffer waits for the decoder
  std::size_t end = 0;
  std::string_view content;  // of the open part; a view of the buffer, or of the decoder
  std::uint64_t part = 0;    // counts parts
  bool is_open = false;      // the part may have more than `content`
  bool is_busy = false;      // a task is inside the source
  bool is_closed = false;    // the source, at the end
};

/// The content of one part.
class MultipartReader::PartSource final : public BodySource {
 public:
  explicit PartSource(StateHandle state) noexcept : state_(std::move(state)), part_(state_->part) {}

  Task<std::size_t> read(std::span<std::byte> into) override {
    State& state = *state_;
    if (state.part != part_)
      co_await okhttp::fail(Errc::misuse, "this part is over, as the reader has gone on; read it before that");
    if (std::optional<Error> fault = state.fault()) co_await okhttp::fail(*std::move(fault));
    std::size_t filled = 0;
    while (filled < into.size()) {
      if (!state.content.empty()) {
        const std::size_t size = std::min(into.size() - filled, state.content.size());
        std::memcpy(into.data() + filled, state.content.data(), size);
        state.content.remove_prefix(size);
        filled += size;
        continue;
      }
      if (!state.is_open) break;
      if (state.begin == state.end) {
        if (filled > 0) break;  // what is here before more is waited for
        co_await State::fill(state);
      }
      const Result<MultipartDecoder::Event> event = state.step();
      if (!event && filled > 0) break;  // the failure is kept for the next read
      if (!event) co_await okhttp::fail(event.error());
      if (*event == MultipartDecoder::Event::part_end) state.is_open = false;
    }
    co_return filled;
  }
  /// The next part begins behind it all the same.
  Task<void> close() override { co_return; }
  TaskRunner* runner() const noexcept override { return state_->source ? state_->source->runner() : nullptr; }

 private:
  const StateHandle state_;
  const std::uint64_t part_;
};

OKHTTP_DECL MultipartReader::MultipartReader(std::unique_ptr<BodySource> source, std::string_view boundary,
                                             const MultipartLimits& limits)
    : state_(std::make_shared<State>(std::move(source), boundary, limits)) {}

OKHTTP_DECL MultipartReader::MultipartReader(const ResponseBody& body, std::string_view boundary,
                                             const MultipartLimits& limits)
    : MultipartReader(body.take_source(), boundary, limits) {
  if (!state_->source)
    state_->keep(Error(Errc::misuse, "the parts of a body can be read once, and this one was already read or closed"));
}

OKHTTP_DECL MultipartReader::MultipartReader(const ResponseBody& body, const MultipartLimits& limits)
    : MultipartReader(nullptr, "-", limits) {
  const std::optional<MediaType> type = body.content_type();
  std::optional<std::string> boundary;
  if (type) boundary = type->parameter("boundary");
  if (boundary)
    *this = MultipartReader(body, *boundary, limits);
  else
    state_->keep(Error(Errc::protocol_error, "the body is no multipart: its Content-Type names no boundary"));
}

OKHTTP_DECL Task<std::optional<MultipartReader::Part>> MultipartReader::advance(StateHandle handle) {
  using Event = MultipartDecoder::Event;
  State& state = *handle;
  std::optional<Part> next;
  if (std::optional<Error> fault = state.fault()) co_await okhttp::fail(*std::move(fault));
  // From here on reading the part before is misuse, even if this task is dropped.
  ++state.part;
  while (!state.decoder.done()) {
    if (state.begin == state.end) co_await State::fill(state);
    const Result<Event> event = state.step();
    if (!event) co_await okhttp::fail(event.error());
    if (*event != Event::part) continue;
    state.is_open = true;
    Headers headers = state.decoder.take_headers();
    std::string type(headers.get("Content-Type").value_or(""));
    next.emplace(Part(std::move(headers), ResponseBody(std::make_unique<PartSource>(handle), std::move(type))));
    co_return next;
  }
  state.content = {};
  state.is_open = false;
  if (state.source && !std::exchange(state.is_closed, true)) {
    // What follows is of no interest, but the connection may be used again.
    const State::Busy busy(state);
    const Result<void> unreported = co_await state.source->close().outcome();
    (void)unreported;
  }
  co_return next;
}

OKHTTP_DECL Result<std::optional<MultipartReader::Part>> MultipartReader::try_next_part() const {
  if (TaskRunner* const runner = state_->source ? state_->source->runner() : nullptr)
    return runner->run(async_next_part(), "async_next_part");
  Task<std::optional<Part>> task = async_next_part();
  task.start();
  OKHTTP_ASSERT(task.finished());  // a source without a runner never waits
  return task.take_result();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_MULTIPART_READER_IPP
