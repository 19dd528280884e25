package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.FilterChainEvent;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpEvents;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;

/**
 * The way of upgrade requests through Grizzly's reading of HTTP: of all that {@link DirectUpgrades}
 * leaves to it.
 *
 * <p>Thread-safe.
 */
final class UpgradeFilter extends BaseFilter {

  private final Upgrades upgrades;

  UpgradeFilter(Upgrades upgrades) {
    this.upgrades = upgrades;
  }

  /**
   * Takes the wish for any other protocol off a request: Grizzly would take its body for that
   * protocol's bytes. Java's own client asks for HTTP/2 in this way with every first request.
   */
  @Override
  public NextAction handleEvent(FilterChainContext context, FilterChainEvent event) {
    if (event instanceof HttpEvents.IncomingHttpUpgradeEvent upgrade
        && !"websocket".equalsIgnoreCase(upgrade.getHttpHeader().getUpgrade())) {
      upgrade.getHttpHeader().setIgnoreContentModifiers(false);
      upgrade.getHttpHeader().getUpgradeDC().recycle();
    }
    return context.getInvokeAction();
  }

  @Override
  public NextAction handleRead(FilterChainContext context) {
    HttpContent message = context.getMessage();
    if (!(message.getHttpHeader() instanceof HttpRequestPacket packet)
        || !"websocket".equalsIgnoreCase(packet.getUpgrade())) {
      return context.getInvokeAction();
    }
    UpgradeRequest request = GrizzlyRequest.upgrade(packet);
    Buffer content = message.getContent();
    ByteBuffer behind = content == null ? ByteBuffer.allocate(0) : content.toByteBuffer();
    CompletionStage<Admission> admission = upgrades.admit(request);
    // Authentication may take its time: no thread waits for it.
    context.suspend();
    NextAction suspended = context.getSuspendAction();
    admission.whenComplete(
        (admitted, failure) -> {
          TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
          upgrades.answer(connection, request, admitted, failure, behind);
          context.resume(context.getStopAction());
        });
    return suspended;
  }
}
