package dev.roomcast.chat;

import org.junit.jupiter.api.Nested;

/** The contract, on the backend in memory. */
class InMemoryBackendTest {

  @Nested
  class OfBroker extends BrokerContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfRoomManager extends RoomManagerContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfStateStore extends StateStoreContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfCluster extends ClusterContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfCommands extends CommandsContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfModeration extends ModerationContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfMessageChanges extends MessageChangesContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfConversations extends ConversationsContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfBadInput extends BadInputContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }

  @Nested
  class OfListener extends ListenerContract {
    private final InMemoryBackend store = Backend.inMemory();

    @Override
    protected Backend newBackend() {
      return store.join();
    }
  }
}
