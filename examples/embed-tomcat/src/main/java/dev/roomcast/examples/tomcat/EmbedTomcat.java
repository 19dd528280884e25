package dev.roomcast.examples.tomcat;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.tyrus.ChatFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.file.Files;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** A web shop on Tomcat: {@code POST /orders/7} tells the members of room {@code orders}. */
public final class EmbedTomcat {

  private EmbedTomcat() {}

  /** Starts the shop; whoever gives the node closes it. Port 0 takes a free one. */
  public static Tomcat start(ChatNode chat, int port) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("shop").toString());
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setEncodedSolidusHandling("passthrough"); // for rooms like a%2Fb
    Context shop = tomcat.addContext("", null);
    shop.addServletContainerInitializer(new WsSci(), null);
    shop.addServletContainerInitializer(
        (classes, context) -> ChatFilter.builder(chat).register(context), Set.of());
    Tomcat.addServlet(shop, "orders", new Orders(chat)).addMapping("/");
    tomcat.start();
    return tomcat;
  }

  private static final class Orders extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private final transient ChatNode chat;

    Orders(ChatNode chat) {
      this.chat = chat;
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) {
      String order = request.getServletPath().replaceFirst("^/orders/", "");
      chat.room("orders").publish("paid", Json.of("order", order)).toCompletableFuture().join();
    }
  }

  /** Runs the shop on port 8080; clients connect to {@code ws://127.0.0.1:8080/chat/orders}. */
  public static void main(String[] args) throws Exception {
    start(ChatNode.builder(Backend.inMemory()).start(), 8080).getServer().await();
  }
}
