package dev.roomcast.redis;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ClusterContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** Nodes that share a Redis Cluster whose connections are cut. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShardNodesTest extends ClusterContract {

  private TestRedisCluster redis;
  private RedisOptions options;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    redis = TestRedisCluster.start(3, 0, "--appendonly", "yes", "--appendfsync", "always");
    options = redis.options();
  }

  @BeforeEach
  void useFreshNamespace() {
    options = redis.options();
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  @Override
  protected Backend newBackend() {
    return RedisBackend.connect(options);
  }

  @Override
  protected void disturb() throws Exception {
    redis.cutConnections();
  }

  @Override
  protected void outage(Runnable during) throws Exception {
    redis.kill();
    during.run();
    redis.restart();
  }
}
