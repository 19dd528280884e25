package dev.roomcast.tyrus;

import dev.roomcast.chat.ArchitectureContract;

/** The server knows no store. */
class ArchitectureTest extends ArchitectureContract {
  ArchitectureTest() {
    super(
        "dev.roomcast.chat",
        "javax.net.ssl..",
        "jakarta.servlet..",
        "jakarta.websocket..",
        "org.glassfish..",
        "com.google.gson..",
        "com.nimbusds..",
        "org.slf4j..",
        "org.jspecify..");
  }
}
