package io.faultline.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static io.faultline.tests.architecture.MainCode.CLASSES;
import static io.faultline.tests.architecture.MainCode.CLI;
import static io.faultline.tests.architecture.MainCode.DEMO_VM;
import static io.faultline.tests.architecture.MainCode.DEST;
import static io.faultline.tests.architecture.MainCode.ENGINE;
import static io.faultline.tests.architecture.MainCode.ENGINE_API;
import static io.faultline.tests.architecture.MainCode.ENGINE_LINUX;
import static io.faultline.tests.architecture.MainCode.ENGINE_SIMULATED;
import static io.faultline.tests.architecture.MainCode.MEMORY;
import static io.faultline.tests.architecture.MainCode.PAGER;
import static io.faultline.tests.architecture.MainCode.PAGING;
import static io.faultline.tests.architecture.MainCode.PROTO;
import static io.faultline.tests.architecture.MainCode.QEMU_VM;
import static io.faultline.tests.architecture.MainCode.RESTORE;
import static io.faultline.tests.architecture.MainCode.SNAPSHOT;
import static io.faultline.tests.architecture.MainCode.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Linker;
import org.junit.jupiter.api.Test;

/** Which modules and packages may depend on which. */
class ModuleArrowsTest {
  @Test
  void rulesCoverAllModules() {
    assertThat(CLASSES.contain("io.faultline.uffd.linux.LinuxKernel")).isTrue();
    assertThat(CLASSES.contain("io.faultline.source.OutgoingVm")).isTrue();
    assertThat(CLASSES.contain("io.faultline.dest.IncomingVm")).isTrue();
    assertThat(CLASSES.contain("io.faultline.demo.vm.HostedVm")).isTrue();
    assertThat(CLASSES.contain("io.faultline.pager.PagerServer")).isTrue();
    assertThat(CLASSES.contain("io.faultline.qemu.qmp.QmpConnection")).isTrue();
    assertThat(CLASSES.contain("io.faultline.cli.Main")).isTrue();
  }

  @Test
  void engineDependsOnlyOnTheJdkAndJspecify() {
    classes()
        .that()
        .resideInAnyPackage(ENGINE, MEMORY, PAGING, SNAPSHOT)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ENGINE, MEMORY, PAGING, SNAPSHOT, "java..", "org.jspecify.annotations..")
        .check(CLASSES);
  }

  /** Pagers run on any kernel; only a file store is bound to Linux. */
  @Test
  void pagersDoNotDependOnAnEngine() {
    noClasses()
        .that()
        .resideInAnyPackage("io.faultline.paging", "io.faultline.paging.table")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ENGINE_LINUX, ENGINE_SIMULATED)
        .check(CLASSES);
  }

  @Test
  void apiAndMemoryDoNotDependOnAnEngine() {
    noClasses()
        .that()
        .resideInAnyPackage(ENGINE_API, MEMORY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ENGINE_LINUX, ENGINE_SIMULATED)
        .check(CLASSES);
  }

  @Test
  void userfaultfdDoesNotDependOnGuestMemory() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(MEMORY, PAGING)
        .check(CLASSES);
  }

  @Test
  void wireDependsOnNeitherTheEngineNorTheNodes() {
    noClasses()
        .that()
        .resideInAPackage(PROTO)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ENGINE, MEMORY, SOURCE, DEST)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** Both nodes and restore-node register meters alike; the wire itself has none. */
  @Test
  void onlyTheMeterPackageOfTheWireUsesMicrometer() {
    noClasses()
        .that()
        .resideInAPackage(PROTO)
        .and()
        .resideOutsideOfPackage("io.faultline.proto.metrics")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.micrometer..")
        .check(CLASSES);
  }

  @Test
  void sourceAndDestinationDoNotDependOnEachOther() {
    noClasses()
        .that()
        .resideInAPackage(SOURCE)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(DEST)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(DEST)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(SOURCE)
        .check(CLASSES);
  }

  @Test
  void restoreNodeStandsBesideTheOtherNodes() {
    noClasses()
        .that()
        .resideInAPackage(RESTORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SOURCE, DEST, DEMO_VM, CLI)
        .allowEmptyShould(true)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(SOURCE, DEST, DEMO_VM)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(RESTORE)
        .check(CLASSES);
  }

  @Test
  void pagerNodeStandsBesideTheOtherNodes() {
    noClasses()
        .that()
        .resideInAPackage(PAGER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SOURCE, DEST, RESTORE, DEMO_VM, QEMU_VM, CLI)
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages(PAGER, CLI)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(PAGER)
        .check(CLASSES);
  }

  @Test
  void qemuGuestsStandBesideTheDemoVms() {
    noClasses()
        .that()
        .resideInAPackage(QEMU_VM)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(RESTORE, DEMO_VM, CLI)
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages(QEMU_VM, CLI)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(QEMU_VM)
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineDependsOnTheDemoVms() {
    noClasses()
        .that()
        .resideOutsideOfPackages(DEMO_VM, CLI)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(DEMO_VM)
        .check(CLASSES);
  }

  @Test
  void nothingDependsOnTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(CLI)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(CLI)
        .check(CLASSES);
  }

  /** A demo VM is a library: it passes messages to its caller, which shows them to the user. */
  @Test
  void demoVmsUseNoCommandLineLibrary() {
    noClasses()
        .that()
        .resideInAPackage(DEMO_VM)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "tools.jackson..", "ch.qos.logback..", "me.tongfei..")
        .check(CLASSES);
  }

  /** The one exception is the memory of the simulated kernel: calloc and free. */
  @Test
  void onlyBindingsCallNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            ENGINE_LINUX, "io.faultline.proto.linux..", "io.faultline.demo.kvm.linux..")
        .and()
        .doNotHaveFullyQualifiedName("io.faultline.uffd.simulated.NativeBytes")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Linker.class)
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.faultline.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
