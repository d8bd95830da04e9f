// SPDX-License-Identifier: Apache-2.0
// flags: -DOKHTTP_HEADER_ONLY=0
// What a wrong choice of policies is told: one line that names the slot.
#include <okhttp/client.hpp>

#include <concepts>
#include <string_view>

namespace {

using namespace okhttp;

struct NotAPolicy {};
struct TwoSlots {
  struct Stream {};
  struct Store {};
};
struct HalfModem {  // does not connect
  struct Stream {
    IoResult try_read(std::span<std::byte>) { return IoStatus::end; }
    IoResult try_write(std::span<const ConstBytes>) { return IoStatus::ok; }
    Task<Interest> wait(Interest interest, Deadline) { co_return interest; }
    void shutdown() {}
    void close() {}
  };
};
struct Modem : HalfModem {
  Task<Stream> connect(const Endpoint&, Deadline) { co_return Stream(); }
};
struct ModemThatReturnsAStream : HalfModem {
  Stream connect(const Endpoint&, Deadline) { return Stream(); }
};
struct ModemWithoutWait {
  struct Stream {
    IoResult try_read(std::span<std::byte>) { return IoStatus::end; }
    IoResult try_write(std::span<const ConstBytes>) { return IoStatus::ok; }
    void shutdown() {}
    void close() {}
  };
  Task<Stream> connect(const Endpoint&, Deadline) { co_return Stream(); }
};
struct HalfDispatcher {  // makes no backend
  using Runtime = BlockingRuntime;
};
struct HalfCompression {  // decodes nothing
  [[maybe_unused]] static constexpr std::string_view encodings = "br";
};
struct OwnDispatcher : InlineDispatcher {};
struct CompressionOfNumbers {  // makes no decoder
  [[maybe_unused]] static constexpr std::string_view encodings = "gzip";
  static int make_decoder(std::string_view) { return 0; }
};
using ManyCodings = Compression<Gzip, Deflate>;

// Order does not matter, a default may be said aloud, and deriving from a policy keeps its slot.
static_assert(
    std::same_as<Client,
                 BasicClient<Gzip, NoCache, SecureTransport, ThreadPoolDispatcher, Http1Only>>);
static_assert(
    std::same_as<TinyClient,
                 BasicClient<NoCompression, InlineDispatcher, NoCache, Http1Only, PlainTransport>>);
static_assert(!std::same_as<Client, EventLoopClient>);
static_assert(std::same_as<BasicClient<Modem>::Transport, Modem>);
static_assert(std::same_as<BasicClient<Modem>::Dispatcher, ThreadPoolDispatcher>);
static_assert(std::same_as<BasicClient<OwnDispatcher>::Dispatcher, OwnDispatcher>);
static_assert(AimsAtTransport<HalfModem> && !TransportPolicy<HalfModem>);
static_assert(std::same_as<BasicClient<ManyCodings>::Compression, ManyCodings>);
[[maybe_unused]] void takes_client(const Client&) {}
[[maybe_unused]] void give(const BasicClient<Gzip>& client) { takes_client(client); }
[[maybe_unused]] const BasicClient<Modem, OwnDispatcher> good;

}  // namespace

#if CASE == 1  // expect: okhttp: this type fills no policy slot of BasicClient
const BasicClient<NoCache, NotAPolicy> wrong;
#endif
#if CASE == 2  // expect: okhttp: two policies for the Compression slot of BasicClient
const BasicClient<NoCache, Gzip, NoCompression> wrong;
#endif
#if CASE == 3  // expect: okhttp: this type aims at two policy slots of BasicClient; a policy fills one
const BasicClient<TwoSlots> wrong;
#endif
#if CASE == 4  // expect: okhttp: the Transport policy does not model okhttp::TransportPolicy
const BasicClient<HalfModem> wrong;
#endif
#if CASE == 5  // expect: okhttp: two policies for the Dispatcher slot of BasicClient
const BasicClient<InlineDispatcher, InlineDispatcher> wrong;
#endif
#if CASE == 6  // expect: okhttp: the Transport policy does not model okhttp::TransportPolicy
const BasicClient<ModemThatReturnsAStream> wrong;
#endif
#if CASE == 7  // expect: okhttp: the Transport policy does not model okhttp::TransportPolicy
const BasicClient<ModemWithoutWait> wrong;
#endif
#if CASE == 8  // expect: okhttp: the Dispatcher policy does not model okhttp::DispatcherPolicy
const BasicClient<HalfDispatcher> wrong;
#endif
#if CASE == 9  // expect: okhttp: the Compression policy does not model okhttp::CompressionPolicy
const BasicClient<HalfCompression> wrong;
#endif
#if CASE == 10  // expect: okhttp: two policies for the Transport slot of BasicClient
const BasicClient<Modem, PlainTransport> wrong;
#endif
#if CASE == 11  // expect: policy.connect(endpoint, deadline) | no member named 'connect'
const BasicClient<HalfModem> wrong_and_told_what_is_missing;
#endif
#if CASE == 12  // expect: okhttp: this type in Compression<...> does not model okhttp::CompressionPolicy
const BasicClient<Compression<Gzip, NotAPolicy>> wrong;
#endif
#if CASE == 13  // expect: okhttp: this type in Compression<...> does not model okhttp::CompressionPolicy
const BasicClient<Compression<CompressionOfNumbers, Deflate>> wrong;
#endif
#if CASE == 14  // expect: okhttp: this type in Compression<...> does not model okhttp::CompressionPolicy
const Compression<HalfCompression> wrong;
[[maybe_unused]] constexpr auto asked = decltype(wrong)::encodings;
#endif
#if CASE == 15  // expect: okhttp: two policies for the Compression slot of BasicClient
const BasicClient<Gzip, Compression<Deflate>> wrong;
#endif
#if CASE == 16  // expect: constraints not satisfied | no matching function
const auto wrong = RequestBody::encoded<ManyCodings>(RequestBody::create(""));
#endif
