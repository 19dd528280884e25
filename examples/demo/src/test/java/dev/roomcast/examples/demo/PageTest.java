package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import dev.roomcast.tyrus.ChatServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The page in two browser windows on two nodes of one store. */
class PageTest {

  private final Backend firstBackend = Backend.inMemory();
  private final Backend secondBackend = ((dev.roomcast.chat.InMemoryBackend) firstBackend).join();
  private final List<WebDriver> browsers = new ArrayList<>();
  private ChatNode first;
  private ChatNode second;
  private ChatServer firstServer;
  private ChatServer secondServer;

  @BeforeEach
  void start() throws IOException {
    requireBrowser();
    Limits limits = Limits.DEFAULTS.toBuilder().drain(Duration.ofSeconds(1)).build();
    first = ChatNode.builder(firstBackend).limits(limits).start();
    second = ChatNode.builder(secondBackend).limits(limits).start();
    firstServer = ChatServer.builder(first).port(0).files(Demo::file).start();
    secondServer = ChatServer.builder(second).port(0).files(Demo::file).start();
  }

  @AfterEach
  void close() {
    browsers.forEach(WebDriver::quit);
    for (AutoCloseable part :
        Stream.of(first, second, firstServer, secondServer, firstBackend, secondBackend)
            .filter(started -> started != null)
            .toList()) {
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void requireBrowser() {
    if (find("chromium") != null && find("chromedriver") != null) {
      return;
    }
    if (System.getProperty("roomcast.require", "").contains("browser")) {
      fail("chromium and chromedriver are required, and are not on the PATH");
    }
    Assumptions.abort("no chromium and chromedriver on the PATH");
  }

  private static @Nullable Path find(String program) {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private WebDriver open(ChatServer server, String name) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(String.valueOf(find("chromium")));
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,800");
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(Objects.requireNonNull(find("chromedriver")).toFile())
            .build();
    WebDriver browser = new ChromeDriver(service, options);
    browsers.add(browser);
    browser.get(server.url());
    element(browser, "name-input").sendKeys(name + Keys.ENTER);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> "online".equals(element(browser, "connection-state").getAttribute("data-state")));
    return browser;
  }

  private static WebElement element(WebDriver browser, String id) {
    return browser.findElement(By.cssSelector("[data-testid='" + id + "']"));
  }

  private static List<String> texts(WebDriver browser) {
    return browser.findElements(By.cssSelector("[data-offset] .body")).stream()
        .map(WebElement::getText)
        .toList();
  }

  private static void say(WebDriver browser, String text) {
    element(browser, "composer").sendKeys(text + Keys.ENTER);
  }

  private static void awaitTexts(WebDriver browser, List<String> expected) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .untilAsserted(() -> assertEquals(expected, texts(browser)));
  }

  @Test
  void twoWindowsTalkAndOneComesBackFromALostServer() throws Exception {
    WebDriver ann = open(firstServer, "Ann");
    WebDriver bob = open(secondServer, "Bob");
    say(ann, "Hello <b>Bob</b>");
    awaitTexts(bob, List.of("Hello <b>Bob</b>"));
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> bob.findElements(By.cssSelector("[data-testid='member']")).size() == 2);
    element(ann, "composer").sendKeys("I am");
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> element(bob, "typing").getText().equals("Ann is typing…"));
    element(ann, "composer").sendKeys(" here" + Keys.ENTER);
    awaitTexts(bob, List.of("Hello <b>Bob</b>", "I am here"));

    int port = secondServer.port();
    secondServer.close();
    Awaitility.await()
        .until(
            () -> "connecting".equals(element(bob, "connection-state").getAttribute("data-state")));
    say(ann, "missed");
    say(bob, "written while away");
    secondServer = ChatServer.builder(second).port(port).files(Demo::file).start();
    List<String> all = List.of("Hello <b>Bob</b>", "I am here", "missed", "written while away");
    awaitTexts(bob, all);
    awaitTexts(ann, all);
    say(bob, "/dance");
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> bob.findElement(By.id("log")).getText().contains("There is no /dance"));
    assertTrue(String.valueOf(ann.getTitle()).contains("Roomcast"));
  }
}
