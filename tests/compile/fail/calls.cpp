// SPDX-License-Identifier: Apache-2.0
// flags: -DOKHTTP_HEADER_ONLY=0
// Mistakes in coroutines and around calls that the compiler finds.
#include <okhttp/client.hpp>

#include <coroutine>
#include <string>
#include <utility>

using namespace okhttp;

Task<int> number();
Task<void> background();

Task<int> good() {
  int n = co_await number();
  Result<int> outcome = co_await number().outcome();
  co_return outcome ? *outcome + n : n;
}
void good_callbacks(const Call& call) {
  call.enqueue([](Result<Response>) {});
  call.enqueue([](const Result<Response>&) -> Task<void> { co_return; });
}

#if CASE == 1  // expect: await_transform
Task<void> awaits_what_no_runtime_knows() { co_await std::suspend_always(); }
#endif
#if CASE == 2  // expect: await_transform
Task<int> awaits_a_task_it_keeps() {
  Task<int> task = number();
  co_return co_await task;
}
#endif
#if CASE == 3  // expect: nodiscard
void drops_a_task(const Call& call) { call.async_execute(); }
#endif
#if CASE == 4  // expect: deleted
void copies_a_task() {
  Task<int> task = number();
  Task<int> copy = task;
}
#endif
#if CASE == 5  // expect: CallCallback
void callback_of_another_kind(const Call& call) {
  call.enqueue([](std::string) {});
}
#endif
#if CASE == 6  // expect: no matching function | no matching member function
void interceptor_of_another_kind() {
  Client::Builder().add_interceptor([](Chain&) { return 1; });
}
#endif
#if CASE == 7  // expect: no matching function | invalid reference to function 'spawn'
void spawns_without_a_loop(const Client& client) { client.spawn(background()); }
#endif
#if CASE == 8  // expect: no matching function | no matching member function
void trusts_without_tls() { TinyClient::Builder().trusted_certificates(HandshakeCertificates()); }
#endif
#if CASE == 9  // expect: nodiscard
void drops_the_outcome(const Call& call) { call.try_execute(); }
#endif
