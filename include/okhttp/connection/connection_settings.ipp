// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_CONNECTION_SETTINGS_IPP
#define OKHTTP_CONNECTION_CONNECTION_SETTINGS_IPP

#include <okhttp/connection/connection_settings.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

struct KeptSettings {
  ConnectionSettings settings;
  // Until these go, the memory of an object that is gone is not used again: no other one is taken for it.
  std::vector<std::weak_ptr<const void>> places;

  template <class T>
  void disown(std::shared_ptr<T>& object) {
    if (object == nullptr) return;
    places.emplace_back(object);
    object = std::shared_ptr<T>(std::shared_ptr<T>(), object.get());
  }
};

OKHTTP_DECL std::shared_ptr<const ConnectionSettings> kept_settings(const ConnectionSettings& settings) {
  const auto kept = std::make_shared<KeptSettings>();
  kept->settings = settings;
  kept->disown(kept->settings.connector);
  kept->disown(kept->settings.dns);
  kept->disown(kept->settings.proxy_authenticator);
  kept->settings.proxy_selector.each_function([&](auto& function) { kept->disown(function); });
  return {kept, &kept->settings};
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CONNECTION_CONNECTION_SETTINGS_IPP
