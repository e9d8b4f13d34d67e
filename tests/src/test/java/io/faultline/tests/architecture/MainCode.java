package io.faultline.tests.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The classes that the rules check, and their packages. */
final class MainCode {
  static final String ENGINE_API = "io.faultline.uffd";
  static final String ENGINE_LINUX = "io.faultline.uffd.linux..";
  static final String ENGINE_SIMULATED = "io.faultline.uffd.simulated..";
  static final String ENGINE = "io.faultline.uffd..";
  static final String MEMORY = "io.faultline.memory..";
  static final String PAGING = "io.faultline.paging..";
  static final String SNAPSHOT = "io.faultline.snapshot..";
  static final String PROTO = "io.faultline.proto..";
  static final String GENERATED = "io.faultline.proto.wire..";
  static final String SOURCE = "io.faultline.source..";
  static final String DEST = "io.faultline.dest..";
  static final String RESTORE = "io.faultline.restore..";
  static final String PAGER = "io.faultline.pager..";
  static final String DEMO_VM = "io.faultline.demo..";
  static final String QEMU_VM = "io.faultline.qemu..";
  static final String CLI = "io.faultline.cli..";

  /** All classes of the project except tests. */
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.faultline");

  private MainCode() {}
}
