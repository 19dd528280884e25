package dev.roomcast.redis;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The contract, on a Redis Cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShardContractTest extends Contracts {

  private TestRedisCluster redis;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    redis = TestRedisCluster.start(3, 0);
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
