package dev.roomcast.redis;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.BadInputContract;
import dev.roomcast.chat.BrokerContract;
import dev.roomcast.chat.CommandsContract;
import dev.roomcast.chat.ConversationsContract;
import dev.roomcast.chat.ListenerContract;
import dev.roomcast.chat.MessageChangesContract;
import dev.roomcast.chat.ModerationContract;
import dev.roomcast.chat.RoomManagerContract;
import dev.roomcast.chat.StateStoreContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** The contract, on Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisContractTest {

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

  @Nested
  class OfBroker extends BrokerContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfRoomManager extends RoomManagerContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfStateStore extends StateStoreContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfCommands extends CommandsContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfModeration extends ModerationContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfMessageChanges extends MessageChangesContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfConversations extends ConversationsContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfBadInput extends BadInputContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfListener extends ListenerContract {
    private final RedisOptions options = redis.options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }
}
