// Exit and fork: the two moments at which every client of the process has something to do.
//
// At exit all clients together get two seconds for their last flush. Around a fork the locks that a child could inherit
// are held, so that it finds what they guard whole; then each client of the child starts anew, as an instance of its
// own, and the parent's go on undisturbed.
#pragma once

namespace argus::client {

class Client;

namespace lifecycle {

// Take care of this client from now on; do nothing more for it. Any thread.
void watch(Client* client);
void forget(Client* client);

}  // namespace lifecycle
}  // namespace argus::client
