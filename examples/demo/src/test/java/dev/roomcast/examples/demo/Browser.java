package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.function.Executable;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A window of Chromium with the page in it, as its user sees it.
 *
 * <p>Closing it fails when the page broke its content security policy or wrote an error to the
 * console. Where there is no Chromium the test is skipped, with a line that says so; {@code
 * -Droomcast.require=browser} turns that into a failure. Confined to the test's thread.
 */
final class Browser implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String AXE = axe();

  private final ChromeDriver driver;
  private final String name;
  private boolean connectionMayBreak;
  private boolean refusalIsExpected;

  private Browser(ChromeDriver driver, String name) {
    this.driver = driver;
    this.name = name;
  }

  private static String axe() {
    try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void require() {
    if (program("chromium") != null && program("chromedriver") != null) {
      return;
    }
    String skipped = "skipped: no chromium and chromedriver on the PATH";
    System.out.println(skipped);
    if (Set.of(System.getProperty("roomcast.require", "").split(",")).contains("browser")) {
      throw new AssertionError(skipped);
    }
    Assumptions.abort(skipped);
  }

  /** Opens a window and logs in. */
  static Browser open(String url, String name) {
    Browser browser = new Browser(new ChromeDriver(service(), options()), name);
    browser.driver.get(url);
    return browser.logIn();
  }

  /** Opens a window on any page of the server. */
  static Browser openAt(String url, String name) {
    Browser browser = new Browser(new ChromeDriver(service(), options()), name);
    browser.driver.get(url);
    return browser;
  }

  /** Opens windows until the second is on another worker than the first. */
  static void spread(Browser first, Browser second) {
    for (int i = 0; second.node().equals(first.node()); i++) {
      assertTrue(i < 60, "all connections went to one worker");
      second.reload();
    }
  }

  /** Opens the page on a phone of this width. */
  static Browser openPhone(String url, String name, int width) {
    ChromeOptions options = options();
    Map<String, Object> metrics = Map.of("width", width, "height", 640, "pixelRatio", 2.0);
    options.setExperimentalOption("mobileEmulation", Map.of("deviceMetrics", metrics));
    Browser browser = new Browser(new ChromeDriver(service(), options), name);
    browser.driver.get(url);
    return browser.logIn();
  }

  private static ChromeDriverService service() {
    return new ChromeDriverService.Builder()
        .usingDriverExecutable(Objects.requireNonNull(program("chromedriver")).toFile())
        .build();
  }

  private static ChromeOptions options() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(String.valueOf(program("chromium")));
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1200,800");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    return options;
  }

  private static @Nullable Path program(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  Browser logIn() {
    WebElement field = element("name-input");
    field.clear();
    field.sendKeys(name + Keys.ENTER);
    await(() -> state().equals("online") && element("composer").isDisplayed());
    return this;
  }

  /** Loads the page again and logs in with the name that it remembers. */
  Browser reload() {
    driver.navigate().refresh();
    WebElement field = element("name-input");
    assertEquals(name, field.getAttribute("value"), "the name is remembered");
    field.sendKeys(Keys.ENTER);
    await(() -> state().equals("online") && element("composer").isDisplayed());
    return this;
  }

  /** Goes to another address, as a user does who is done. */
  void goAway() {
    driver.get("about:blank");
  }

  /** Goes back to the page; the browser may have kept it as it was. */
  void comeBack() {
    driver.navigate().back();
    if (element("name-input").isDisplayed()) {
      logIn();
    }
  }

  /** That the server refuses a request is part of the test; the browser writes it to its log. */
  void refusalIsExpected() {
    refusalIsExpected = true;
  }

  /** What the browser has against installing the page. */
  List<String> manifestProblems() {
    Map<?, ?> found = driver.executeCdpCommand("Page.getAppManifest", Map.of());
    assertTrue(String.valueOf(found.get("data")).contains("\"name\""), found::toString);
    List<?> problems = (List<?>) Objects.requireNonNull(found.get("errors"));
    return problems.stream().map(String::valueOf).toList();
  }

  /** Errors about lost connections are part of the test. */
  void connectionMayBreak() {
    connectionMayBreak = true;
  }

  String state() {
    return String.valueOf(element("connection-state").getAttribute("data-state"));
  }

  /** The server node of this connection, empty without one. */
  String node() {
    return element("node").getText();
  }

  void say(String text) {
    type(text + Keys.ENTER);
  }

  void type(String text) {
    element("composer").sendKeys(text);
  }

  /** Presses keys wherever the focus is. */
  void press(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  /** The texts of the messages that are in the log, in the order of the page. */
  List<String> texts() {
    return strings(
        "return [...document.querySelectorAll('#log [data-offset] .body')].map(b =>"
            + " b.textContent)");
  }

  List<String> strings(String script) {
    return ((List<?>) Objects.requireNonNull(driver.executeScript(script)))
        .stream().map(String::valueOf).toList();
  }

  long number(String script) {
    return ((Number) Objects.requireNonNull(driver.executeScript("return " + script))).longValue();
  }

  boolean truth(String script) {
    return Boolean.TRUE.equals(driver.executeScript("return Boolean(" + script + ")"));
  }

  void run(String script) {
    driver.executeScript(script);
  }

  WebElement element(String testId) {
    return driver.findElement(By.cssSelector("[data-testid='" + testId + "']"));
  }

  WebElement room(String room) {
    return driver.findElement(By.cssSelector("[data-room='" + room + "']"));
  }

  /** The number on a room's unread mark, empty without one. */
  String unread(String room) {
    return room(room).findElement(By.cssSelector("[data-testid='unread']")).getText();
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  /** Whether there is something to be seen at this selector. */
  boolean shows(String css) {
    return driver.findElements(By.cssSelector(css)).stream().anyMatch(WebElement::isDisplayed);
  }

  void click(String css) {
    find(css).click();
  }

  /** Moves the focus to the message with this text, as the arrow keys do. */
  void choose(String text) {
    driver.executeScript(
        """
        const bodies = [...document.querySelectorAll('#log .message .body')];
        bodies.findLast(body => body.textContent === arguments[0]).closest('.message').focus();
        """,
        text);
  }

  String title() {
    return String.valueOf(driver.getTitle());
  }

  /** Opens another page of the server in this window. */
  void open(String url) {
    driver.get(url);
  }

  /** Tells the page that nobody looks at it, or that somebody does again. */
  void inBackground(boolean hidden) {
    driver.executeScript(
        """
        Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        """,
        hidden);
  }

  /** What axe-core finds in the page as it is, the serious and the critical. */
  List<String> seriousProblems() {
    driver.executeScript(AXE);
    Object found =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'] }).then(
              ({ violations }) => done(violations
                .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .flatMap(({ id, nodes }) => nodes.map(node => id + ': ' + node.html + ' ' + node.failureSummary))),
              error => done(['axe-core failed: ' + error.message]));
            """);
    return ((List<?>) Objects.requireNonNull(found)).stream().map(String::valueOf).toList();
  }

  String logText() {
    return driver.findElement(By.id("log")).getText();
  }

  String text(String testId) {
    return element(testId).getText();
  }

  List<String> members() {
    return strings(
        "return [...document.querySelectorAll('[data-testid=member] bdi')].map(m =>"
            + " m.textContent)");
  }

  static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(condition);
  }

  static void awaitAsserted(Executable assertion) {
    Awaitility.await().atMost(PATIENCE).ignoreExceptions().untilAsserted(assertion::execute);
  }

  @Override
  public void close() {
    List<String> problems;
    try {
      problems =
          driver.manage().logs().get(LogType.BROWSER).getAll().stream()
              .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
              .map(LogEntry::getMessage)
              .filter(message -> !(connectionMayBreak && isAboutConnection(message)))
              .filter(message -> !(refusalIsExpected && message.contains("status of 40")))
              .toList();
    } finally {
      driver.quit();
    }
    assertEquals(List.of(), problems, "the console of " + name);
  }

  private static boolean isAboutConnection(String message) {
    return message.contains("WebSocket connection to") || message.contains("net::ERR_");
  }
}
