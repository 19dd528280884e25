package dev.roomcast.chat;

/** The core knows no store and no container. */
class ArchitectureTest extends ArchitectureContract {
  ArchitectureTest() {
    super("com.google.gson..", "org.slf4j..", "org.jspecify..", "io.micrometer..");
  }
}
