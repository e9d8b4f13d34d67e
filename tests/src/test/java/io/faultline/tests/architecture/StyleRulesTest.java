package io.faultline.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static io.faultline.tests.architecture.MainCode.CLASSES;
import static io.faultline.tests.architecture.MainCode.DEMO;
import static io.faultline.tests.architecture.MainCode.DEST;
import static io.faultline.tests.architecture.MainCode.GENERATED;
import static io.faultline.tests.architecture.MainCode.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class StyleRulesTest {
  /** Where all logic is that the simulation runs on a clock of its own. */
  private static final DescribedPredicate<JavaClass> STATE_MACHINES =
      DescribedPredicate.describe(
          "are state machines", type -> type.getName().matches(".*(Migration|Machine)(\\$.*)?"));

  private static final DescribedPredicate<JavaCall<?>> CLOCK =
      target(owner(nameMatching("java\\.lang\\.System")))
          .and(target(nameMatching("nanoTime|currentTimeMillis")))
          .or(target(owner(nameMatching("java\\.time\\..*"))).and(target(nameMatching("now"))))
          .as("a clock");

  @Test
  void onlyTheDemoWritesToTheStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackage(DEMO)
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
  void clockRuleKnowsTheCallsThatReadClocks() {
    assertThat(clockCalls("io.faultline.tests.architecture.StyleRulesTest$ReadsClocks"))
        .isEqualTo(3);
  }

  @Test
  void everyPackageSaysWhatIsInIt() {
    Set<String> silent = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      String name = type.getPackageName();
      boolean generated = name.endsWith(".wire") || name.endsWith(".state");
      boolean described =
          type.getPackage()
              .tryGetPackageInfo()
              .filter(info -> info.isAnnotatedWith(NullMarked.class))
              .isPresent();
      if (!generated && !described) {
        silent.add(name);
      }
    }
    assertThat(silent).as("packages without package-info.java and @NullMarked").isEmpty();
  }

  private static long clockCalls(String className) {
    return new ClassFileImporter()
            .importPackages("io.faultline.tests.architecture")
            .get(className)
            .getMethodCallsFromSelf()
            .stream()
            .filter(CLOCK)
            .count();
  }

  /** What the clock rule has to find. */
  static final class ReadsClocks {
    private ReadsClocks() {}

    static long all() {
      return System.nanoTime() + System.currentTimeMillis() + Instant.now().toEpochMilli();
    }
  }
}
