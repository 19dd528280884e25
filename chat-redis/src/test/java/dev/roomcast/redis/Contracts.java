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
import org.junit.jupiter.api.Nested;

/** The whole contract, on some kind of Redis. */
abstract class Contracts {

  /** Where Redis is, each time with a namespace of its own. */
  abstract RedisOptions options();

  @Nested
  class OfBroker extends BrokerContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfRoomManager extends RoomManagerContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfStateStore extends StateStoreContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfCommands extends CommandsContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfModeration extends ModerationContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfMessageChanges extends MessageChangesContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfConversations extends ConversationsContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfBadInput extends BadInputContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }

  @Nested
  class OfListener extends ListenerContract {
    private final RedisOptions options = options();

    @Override
    protected Backend newBackend() {
      return RedisBackend.connect(options);
    }
  }
}
