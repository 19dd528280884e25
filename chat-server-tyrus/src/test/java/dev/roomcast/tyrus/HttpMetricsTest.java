package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatMetrics;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.PrometheusText;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures as Prometheus gets them. */
class HttpMetricsTest {

  private final Backend backend = Backend.inMemory();
  private final ChatNode chat = ChatNode.builder(backend).start();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @TempDir private Path folder;

  @BeforeEach
  void bind() {
    ChatMetrics.of(chat).bindTo(registry);
  }

  @AfterEach
  void close() {
    chat.close();
    backend.close();
  }

  private static HttpResponse<String> ask(String method, String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static void isAScrape(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode());
    assertEquals(
        "text/plain;version=0.0.4;charset=utf-8",
        answer
            .headers()
            .firstValue("Content-Type")
            .orElse("")
            .replace(" ", "")
            .toLowerCase(Locale.ROOT),
        "what Prometheus asks for");
    assertEquals(0, new PrometheusText(answer.body()).value("roomcast_connections"));
  }

  @Test
  void theEmbeddedServerHasThePage() throws Exception {
    try (ChatServer server = ChatServer.builder(chat).port(0).metrics(registry::scrape).start()) {
      isAScrape(ask("GET", server.url() + "/metrics"));
      assertEquals(200, ask("HEAD", server.url() + "/metrics").statusCode());
      assertEquals(405, ask("POST", server.url() + "/metrics").statusCode());
      assertEquals(404, ask("GET", server.url() + "/metrics/").statusCode());
    }
  }

  @Test
  void withoutFiguresThereIsNoPage() throws Exception {
    try (ChatServer server = ChatServer.builder(chat).port(0).start()) {
      assertEquals(404, ask("GET", server.url() + "/metrics").statusCode());
    }
  }

  @Test
  void aFilterHasThePage() throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    StandardContext context = (StandardContext) tomcat.addContext("/shop", null);
    context.setClearReferencesRmiTargets(false);
    context.setClearReferencesThreadLocals(false);
    Tomcat.addServlet(context, "default", new DefaultServlet()).addMapping("/");
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer(
        (classes, servlets) ->
            ChatFilter.builder(chat).metrics(registry::scrape).register(servlets),
        Set.of());
    tomcat.start();
    try {
      String url = "http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/shop";
      isAScrape(ask("GET", url + "/metrics"));
      assertTrue(ask("POST", url + "/metrics").statusCode() >= 400);
      assertEquals(404, ask("GET", url + "/metrics/more").statusCode());
    } finally {
      tomcat.stop();
      tomcat.destroy();
    }
  }
}
