package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.IOEvent;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * The short way of upgrade requests: a filter before Grizzly's reading of HTTP that takes a
 * connection whose first bytes are a whole and ordinary request to upgrade. All others go on as
 * they came, so that nothing is read here that might be read differently there.
 *
 * <p>Thread-safe.
 */
final class DirectUpgrades extends BaseFilter {

  private final Upgrades upgrades;
  private final ConnectionGuard guard;
  private final AtomicLong taken = new AtomicLong();

  DirectUpgrades(Upgrades upgrades, ConnectionGuard guard) {
    this.upgrades = upgrades;
    this.guard = guard;
  }

  @Override
  public NextAction handleRead(FilterChainContext context) throws IOException {
    if (!(context.getConnection() instanceof TCPNIOConnection connection)
        || !(context.getMessage() instanceof Buffer message)
        || !guard.speaksFirst(connection)) {
      return context.getInvokeAction();
    }
    ByteBuffer bytes = message.toByteBuffer();
    UpgradeHead head = UpgradeHead.read(bytes, address(connection));
    if (head == null) {
      return context.getInvokeAction();
    }
    taken.incrementAndGet();
    CompletableFuture<Admission> admission = upgrades.admit(head).toCompletableFuture();
    if (admission.isDone()) {
      admission.whenComplete(
          (admitted, failure) -> upgrades.answer(connection, head, admitted, failure, bytes));
    } else {
      guard.asked(connection);
      // Authentication may take its time: no thread waits for it, and nothing of Grizzly's is kept.
      connection.disableIOEvent(IOEvent.READ);
      ByteBuffer behind = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      admission.whenComplete(
          (admitted, failure) -> upgrades.answer(connection, head, admitted, failure, behind));
    }
    message.tryDispose();
    return context.getStopAction();
  }

  private static @Nullable String address(TCPNIOConnection connection) {
    return connection.getPeerAddress() instanceof InetSocketAddress peer
            && peer.getAddress() != null
        ? peer.getAddress().getHostAddress()
        : null;
  }

  /** How many requests went this way. */
  long taken() {
    return taken.get();
  }
}
