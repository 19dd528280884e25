package dev.roomcast.chat;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the code of every library module keeps. A module extends this in its own package, and has a
 * list of its public types beside it, {@code public-types.txt}: a change of the interface is a
 * change of that file, which somebody looks at.
 */
public abstract class ArchitectureContract {

  private final String module = getClass().getPackageName();
  private final JavaClasses code =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages(module);
  private final List<String> packages;

  /** Creates the rules of a module that may use these packages besides Java's and its own. */
  protected ArchitectureContract(String... packages) {
    this.packages = Stream.concat(Stream.of("java..", module), Stream.of(packages)).toList();
  }

  @Test
  public void theModuleIsOnePackage() {
    assertTrue(code.size() > 10, "the module's classes are found");
    classes().should().resideInAPackage(module).check(code);
  }

  @Test
  public void packagesHaveNoCycles() {
    slices().matching("dev.roomcast.(*)..").should().beFreeOfCycles().check(code);
  }

  @Test
  public void onlyTheModulesOwnDependenciesAreUsed() {
    classes().should().onlyDependOnClassesThat(inPackages()).check(code);
  }

  private com.tngtech.archunit.base.DescribedPredicate<JavaClass> inPackages() {
    return describe(
        "are in " + packages,
        type ->
            type.getBaseComponentType().isPrimitive()
                || packages.stream()
                    .anyMatch(
                        name ->
                            JavaClass.Predicates.resideInAPackage(name)
                                .test(type.getBaseComponentType())));
  }

  @Test
  public void nothingIsPrinted() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(code);
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(code);
  }

  @Test
  public void nothingSleeps() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(code);
  }

  @Test
  public void noStateIsStatic() {
    fields().that().areStatic().should().beFinal().check(code);
  }

  @Test
  public void thePublicTypesAreThoseOfTheList() throws IOException {
    String found =
        String.join(
            "\n", code.stream().filter(this::isPublic).map(JavaClass::getName).sorted().toList());
    assertEquals(
        listed(),
        found,
        "put what is meant to be public into public-types.txt, make the rest package-private");
  }

  private boolean isPublic(JavaClass type) {
    return (type.getModifiers().contains(JavaModifier.PUBLIC)
            || type.getModifiers().contains(JavaModifier.PROTECTED))
        && type.getEnclosingClass().map(this::isPublic).orElse(true);
  }

  private String listed() throws IOException {
    try (InputStream list = getClass().getResourceAsStream("public-types.txt")) {
      return list == null ? "" : new String(list.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
