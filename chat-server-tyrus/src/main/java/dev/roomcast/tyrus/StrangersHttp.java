package dev.roomcast.tyrus;

import java.io.IOException;
import org.glassfish.grizzly.filterchain.Filter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.FilterChainEvent;
import org.glassfish.grizzly.filterchain.NextAction;

/**
 * Grizzly's reading of HTTP, whose surprise at broken requests is no reason to log: what a stranger
 * sends must not fill our disk with stack traces. The connection is closed either way.
 *
 * <p>As thread-safe as what it passes everything to.
 */
record StrangersHttp(Filter http) implements Filter {

  @Override
  public NextAction handleRead(FilterChainContext context) throws IOException {
    try {
      return http.handleRead(context);
    } catch (RuntimeException e) {
      // The chain closes the connection for any exception, and warns unless it is of this kind.
      throw new IOException("a request that is not HTTP", e);
    }
  }

  @Override
  public NextAction handleWrite(FilterChainContext context) throws IOException {
    return http.handleWrite(context);
  }

  @Override
  public NextAction handleAccept(FilterChainContext context) throws IOException {
    return http.handleAccept(context);
  }

  @Override
  public NextAction handleConnect(FilterChainContext context) throws IOException {
    return http.handleConnect(context);
  }

  @Override
  public NextAction handleEvent(FilterChainContext context, FilterChainEvent event)
      throws IOException {
    return http.handleEvent(context, event);
  }

  @Override
  public NextAction handleClose(FilterChainContext context) throws IOException {
    return http.handleClose(context);
  }

  @Override
  public void exceptionOccurred(FilterChainContext context, Throwable error) {
    http.exceptionOccurred(context, error);
  }

  @Override
  public void onAdded(FilterChain chain) {
    http.onAdded(chain);
  }

  @Override
  public void onFilterChainChanged(FilterChain chain) {
    http.onFilterChainChanged(chain);
  }

  @Override
  public void onRemoved(FilterChain chain) {
    http.onRemoved(chain);
  }
}
