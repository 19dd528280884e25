package dev.roomcast.tyrus;

import java.io.IOException;

/** The endpoint in the embedded server that speaks TLS. */
class TlsEndpointTest extends EmbeddedContract {

  @Override
  ChatServer.Builder with(ChatServer.Builder builder) throws IOException {
    return builder.tls(TestTls.files());
  }
}
