// No transport: for systems without an HTTP library, where the registry and its drain are still of use.
#include "client/transport.h"

namespace argus::client {

std::unique_ptr<Transport> make_transport(const Endpoint& endpoint) {
  throw std::invalid_argument("option url is \"" + endpoint.url +
                              "\", but this libargus was built with ARGUS_TRANSPORT=none and cannot send");
}

void prepare_transport() {}

}  // namespace argus::client
