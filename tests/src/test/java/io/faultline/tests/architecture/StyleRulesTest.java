package io.faultline.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static io.faultline.tests.architecture.MainCode.CLASSES;
import static io.faultline.tests.architecture.MainCode.CLI;
import static io.faultline.tests.architecture.MainCode.DEST;
import static io.faultline.tests.architecture.MainCode.GENERATED;
import static io.faultline.tests.architecture.MainCode.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class StyleRulesTest {
  private static final String CLI_CLASS = "io\\.faultline\\.cli\\.[a-z]+\\.";

  /** The state machines, which the simulation runs on a clock of its own. */
  private static final DescribedPredicate<JavaClass> STATE_MACHINES =
      DescribedPredicate.describe(
          "are state machines", type -> type.getName().matches(".*(Migration|Machine)(\\$.*)?"));

  private static final DescribedPredicate<JavaCall<?>> CLOCK =
      target(owner(nameMatching("java\\.lang\\.System")))
          .and(target(nameMatching("nanoTime|currentTimeMillis")))
          .or(target(owner(nameMatching("java\\.time\\..*"))).and(target(nameMatching("now"))))
          .as("a clock");

  /**
   * Calls that depend on the time of day, which may jump. Waits until a time of day are included.
   */
  private static final DescribedPredicate<JavaCall<?>> TIME_OF_DAY =
      target(owner(nameMatching("java\\.lang\\.System")))
          .and(target(nameMatching("currentTimeMillis")))
          .or(
              target(owner(nameMatching("java\\.time\\..*")))
                  .and(target(nameMatching("now|system.*|tick.*|instant|millis"))))
          .or(target(owner(nameMatching("java\\.util\\.Timer"))))
          .or(target(nameMatching("parkUntil|awaitUntil")))
          .as("the time of day");

  /**
   * Classes that show the time of day to the user, write it into a certificate, or get it from
   * another program, and never wait.
   */
  private static final DescribedPredicate<JavaClass> MAY_READ_TIME_OF_DAY =
      DescribedPredicate.describe(
          "may read the time of day",
          type ->
              type.getName()
                  .matches(
                      CLI_CLASS
                          + "(PagerStatusFile|StatusFile|DestRun|QemuDestRun|SourceMigration|KeySet|RestoreResult)"
                          + "|io\\.faultline\\.qemu\\.(qmp\\.QmpEvent|vm\\.RehearsedQemu)"));

  @Test
  void onlyTheCommandLineWritesToTheStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackage(CLI)
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void noFieldIsStaticAndMutable() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat()
        .resideOutsideOfPackage(GENERATED)
        .should()
        .beFinal()
        .check(CLASSES);
  }

  @Test
  void stateMachinesReadNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(SOURCE, DEST)
        .and(STATE_MACHINES)
        .should()
        .callMethodWhere(CLOCK)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void noWaitDependsOnTheTimeOfDay() {
    noClasses()
        .that(DescribedPredicate.not(MAY_READ_TIME_OF_DAY))
        .and()
        .resideOutsideOfPackage(GENERATED)
        .should()
        .callMethodWhere(TIME_OF_DAY)
        .check(CLASSES);
  }

  @Test
  void clockRulesFindCallsThatReadClocks() {
    assertThat(calls(CLOCK)).isEqualTo(3);
    assertThat(calls(TIME_OF_DAY)).isEqualTo(4);
  }

  @Test
  void everyPackageIsDocumentedAndNullMarked() {
    Set<String> undocumented = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      String name = type.getPackageName();
      boolean generated =
          name.contains(".wire") || name.endsWith(".state") || name.endsWith(".messages");
      boolean described =
          type.getPackage()
              .tryGetPackageInfo()
              .filter(info -> info.isAnnotatedWith(NullMarked.class))
              .isPresent();
      if (!generated && !described) {
        undocumented.add(name);
      }
    }
    assertThat(undocumented).as("packages without package-info.java and @NullMarked").isEmpty();
  }

  private static long calls(DescribedPredicate<JavaCall<?>> rule) {
    return new ClassFileImporter()
            .importPackages("io.faultline.tests.architecture")
            .get("io.faultline.tests.architecture.StyleRulesTest$ReadsClocks")
            .getMethodCallsFromSelf()
            .stream()
            .filter(rule)
            .count();
  }

  /** Calls that the clock rules must find. */
  static final class ReadsClocks {
    private ReadsClocks() {}

    static long all() {
      LockSupport.parkUntil(Clock.systemUTC().hashCode());
      return System.nanoTime() + System.currentTimeMillis() + Instant.now().toEpochMilli();
    }
  }
}
