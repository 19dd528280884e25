package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Roomcast in somebody else's servlet container: WebSocket at {@code /chat} and {@code
 * /chat/{room}}, with refusals that are HTTP answers.
 *
 * <pre>{@code
 * ChatFilter.builder(chat).allowOrigin("https://shop.example").register(servletContext);
 * }</pre>
 *
 * <p>It asks the node before the upgrade, answers 400, 401, 403, 429 and 503 itself, and then has
 * the container upgrade the connection ({@code ServerContainer.upgradeHttpToWebSocket}). So there
 * is no endpoint to deploy, and the filter's place in the chain does not matter. Requests that are
 * no upgrades pass. It needs Servlet 5 and Jakarta WebSocket 2.1: Tomcat 10.1, Jetty 12, Undertow
 * 2.3, Spring Boot 3, or later.
 *
 * <p>The request's thread waits for the application's {@code Authenticator} and {@code Authorizer},
 * ten seconds at most. Room names with a slash come as {@code %2F}, which Tomcat refuses with 400
 * unless its connector has {@code encodedSolidusHandling="passthrough"}. Filters run only where a
 * servlet is mapped: a bare context of an embedded Tomcat needs a default servlet.
 *
 * <p>A client's address is what the container says ({@code getRemoteAddr}). Behind a proxy that is
 * the proxy's, unless the container is told to believe it: Tomcat's {@code RemoteIpValve}, Jetty's
 * {@code ForwardedRequestCustomizer}, Spring Boot's {@code server.forward-headers-strategy}.
 * Without, limits per address hold for all clients together.
 *
 * <p>Thread-safe.
 */
public final class ChatFilter implements Filter {

  private static final Logger log = LoggerFactory.getLogger(ChatFilter.class);

  private final String path;
  private final Gate gate;
  private final PortableEndpoints endpoints;
  private final @Nullable HttpMetrics metrics;

  private ChatFilter(Builder builder) {
    path = builder.path;
    gate =
        new Gate(
            builder.chat,
            new HttpRequests(
                builder.allowedOrigins, Hosts.of(builder.allowedHosts), TrustedProxies.NONE));
    endpoints = new PortableEndpoints(builder.chat, gate);
    metrics = builder.metrics == null ? null : new HttpMetrics(builder.metrics);
  }

  /** Returns a builder for a filter that brings clients to this node. */
  public static Builder builder(ChatNode chat) {
    return new Builder(chat);
  }

  @Override
  public void init(FilterConfig config) throws ServletException {
    container(config.getServletContext());
  }

  @Override
  public void doFilter(ServletRequest from, ServletResponse to, FilterChain chain)
      throws IOException, ServletException {
    if (from instanceof HttpServletRequest request
        && to instanceof HttpServletResponse response
        && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      upgrade(request, response);
    } else if (metrics != null
        && from instanceof HttpServletRequest request
        && to instanceof HttpServletResponse response
        && isMetrics(request)) {
      write(response, 200, HttpMetrics.MEDIA_TYPE, metrics.page());
    } else {
      chain.doFilter(from, to);
    }
  }

  private static boolean isMetrics(HttpServletRequest request) {
    return (request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))
        && request.getRequestURI().equals(request.getContextPath() + HttpMetrics.PATH);
  }

  private void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    Admission admission;
    try {
      admission = gate.await(new ServletView(request, room(request)));
    } catch (ChatException e) {
      refuse(response, e);
      return;
    }
    boolean upgraded = false;
    try {
      container(request.getServletContext())
          .upgradeHttpToWebSocket(request, response, endpoints.admitted(admission, path), Map.of());
      upgraded = response.getStatus() < HttpServletResponse.SC_BAD_REQUEST;
    } catch (DeploymentException e) {
      throw new ServletException("the container cannot upgrade to WebSocket", e);
    } finally {
      if (!upgraded) {
        admission.withdraw();
      }
    }
  }

  /** The room in the path as it came, for the container's own decoding loses its slashes. */
  private @Nullable String room(HttpServletRequest request) {
    String root = request.getContextPath() + path;
    String uri = request.getRequestURI();
    String rest = uri.startsWith(root) ? uri.substring(root.length()) : "?";
    if (rest.isEmpty() || rest.equals("/")) {
      return null;
    }
    if (rest.charAt(0) != '/' || rest.indexOf('/', 1) >= 0) {
      throw Problems.noSocketHere(path);
    }
    return rest.substring(1);
  }

  private static void refuse(HttpServletResponse response, ChatException problem)
      throws IOException {
    if (problem.code() == ErrorCode.INTERNAL) {
      log.error("a client could not be admitted; this is a fault", problem);
    }
    Problems.headers(problem, response::setHeader);
    write(response, problem.code().httpStatus(), Problems.MEDIA_TYPE, Problems.json(problem));
  }

  private static void write(HttpServletResponse response, int status, String type, byte[] body)
      throws IOException {
    response.setStatus(status);
    response.setContentType(type);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static ServerContainer container(ServletContext context) throws ServletException {
    if (context.getAttribute(ServerContainer.class.getName()) instanceof ServerContainer found) {
      return found;
    }
    throw new ServletException(
        "this servlet context has no WebSocket container; an embedded Tomcat needs"
            + " tomcat-embed-websocket, and addServletContainerInitializer(new WsSci(), null)");
  }

  /** Collects what a filter needs. Confined to one thread. */
  public static final class Builder {
    private final ChatNode chat;
    private final Set<String> allowedOrigins = new HashSet<>();
    private final Set<String> allowedHosts = new HashSet<>();
    private String path = "/chat";
    private @Nullable Supplier<String> metrics;

    private Builder(ChatNode chat) {
      this.chat = Objects.requireNonNull(chat, "chat");
    }

    /**
     * Sets where clients connect, default {@code /chat}; below the context path.
     *
     * @throws IllegalArgumentException when it does not begin with a slash, or ends with one
     */
    public Builder path(String value) {
      if (!value.startsWith("/") || value.endsWith("/")) {
        throw new IllegalArgumentException("path must be like /chat, but is " + value);
      }
      path = value;
      return this;
    }

    /** Lets pages of another origin connect, for example {@code https://shop.example}. */
    public Builder allowOrigin(String origin) {
      allowedOrigins.add(Objects.requireNonNull(origin, "origin"));
      return this;
    }

    /**
     * Lets clients ask for this name in {@code Host}, for example {@code chat.shop.example}; others
     * are answered 400. Without any, names are the container's business.
     */
    public Builder allowHost(String name) {
      allowedHosts.add(Objects.requireNonNull(name, "name"));
      return this;
    }

    /**
     * Serves figures at {@code /metrics} below the context path, in the text format of Prometheus;
     * without, there is no such page. Whoever reaches the container may read them.
     */
    public Builder metrics(Supplier<String> scrape) {
      metrics = Objects.requireNonNull(scrape, "scrape");
      return this;
    }

    /**
     * Returns the filter, to be mapped by the caller to the path and to what is below it, and to
     * {@code /metrics} if that is served.
     */
    public ChatFilter build() {
      return new ChatFilter(this);
    }

    /**
     * Registers the filter with an application that is starting.
     *
     * @throws IllegalStateException when it is registered already
     */
    public void register(ServletContext context) {
      FilterRegistration.@Nullable Dynamic added = context.addFilter("roomcast " + path, build());
      if (added == null) {
        throw new IllegalStateException("Roomcast is registered at " + path + " already");
      }
      added.setAsyncSupported(true);
      added.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, path, path + "/*");
      if (metrics != null) {
        added.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, HttpMetrics.PATH);
      }
    }
  }
}
