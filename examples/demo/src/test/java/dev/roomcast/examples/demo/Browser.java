package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
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

  private final ChromeDriver driver;
  private final String name;
  private boolean connectionMayBreak;

  private Browser(ChromeDriver driver, String name) {
    this.driver = driver;
    this.name = name;
  }

  static void require() {
    if (find("chromium") != null && find("chromedriver") != null) {
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
        .usingDriverExecutable(Objects.requireNonNull(find("chromedriver")).toFile())
        .build();
  }

  private static ChromeOptions options() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(String.valueOf(find("chromium")));
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

  private static @Nullable Path find(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private Browser logIn() {
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
