package dev.roomcast.examples.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program that workers run: a copy of the demo's jar as it was at one moment. Whoever replaces
 * the jar, in whichever way, takes no class away from processes that run already, and one that has
 * to be started again runs what the others do. A class path that is no single jar is used as it is.
 * Immutable; the copy is deleted by {@link #close}.
 */
final class Program implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Program.class);

  /** What a parent needs until its end; the rest of its jar it never looks at again. */
  private static final List<String> OF_PARENT =
      List.of("dev/roomcast/examples/", "ch/qos/logback/", "org/slf4j/");

  private final String classPath;
  private final @Nullable Path copy;

  private Program(String classPath, @Nullable Path copy) {
    this.classPath = classPath;
    this.copy = copy;
  }

  /** Copies the jar as it is now. */
  static Program now(String classPath) throws IOException {
    Path jar = jar(classPath);
    if (jar == null) {
      return new Program(classPath, null);
    }
    Path copy = Files.createTempFile("roomcast-demo-", ".jar");
    try {
      Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(copy);
      throw e;
    }
    return new Program(copy.toString(), copy);
  }

  private static @Nullable Path jar(String classPath) {
    return classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)
        ? Path.of(classPath)
        : null;
  }

  /**
   * Loads the classes that this process may need when its own jar is another one. They are not
   * initialized, and those whose libraries are not there stay away.
   */
  static void loadAll(String classPath) throws IOException {
    Path jar = jar(classPath);
    if (jar == null) {
      return;
    }
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().toList()) {
        String name = entry.getName();
        if (name.endsWith(".class") && OF_PARENT.stream().anyMatch(name::startsWith)) {
          load(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
        }
      }
    }
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, Program.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      log.trace("{} cannot be loaded", name, e);
    }
  }

  String classPath() {
    return classPath;
  }

  @Override
  public void close() {
    try {
      if (copy != null) {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      log.debug("the copy {} stays", copy, e);
    }
  }
}
