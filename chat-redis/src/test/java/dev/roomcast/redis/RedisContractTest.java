package dev.roomcast.redis;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The contract, on Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisContractTest extends Contracts {

  private TestRedis redis;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    redis = TestRedis.any();
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  @Override
  RedisOptions options() {
    return redis.options();
  }
}
