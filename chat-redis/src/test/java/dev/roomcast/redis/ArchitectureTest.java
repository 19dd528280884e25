package dev.roomcast.redis;

import dev.roomcast.chat.ArchitectureContract;

/** The backend on Redis knows no container. */
class ArchitectureTest extends ArchitectureContract {
  ArchitectureTest() {
    super(
        "dev.roomcast.chat",
        "redis.clients.jedis..",
        "javax.net.ssl..",
        "org.slf4j..",
        "org.jspecify..");
  }
}
