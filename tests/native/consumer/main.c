/* The same from C. */
#include <argus/client.h>

int main(void) {
  const argus_string chunks = {"chunks", 6};
  argus_client* client = argus_client_new(NULL);
  int complete;
  if (client == NULL) return 2;
  argus_increment(argus_client_registry(client), chunks, 2.0, NULL, 0);
  complete = argus_flush(client, 5.0);
  argus_client_free(client);
  return complete ? 0 : 1;
}
