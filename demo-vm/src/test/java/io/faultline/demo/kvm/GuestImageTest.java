package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guest image that is checked in equals a build of its sources. */
final class GuestImageTest {
  /** The compiler that built it: others may emit other code. */
  private static final String GCC_MAJOR = "12";

  @TempDir Path directory;

  @Test
  void imageEqualsABuildOfItsSources() throws Exception {
    GuestBuild.assumeTools("gcc", "ld", "objcopy");
    String version = GuestBuild.output("gcc", "-dumpversion");
    assumeTrue(
        version.equals(GCC_MAJOR),
        "the image was built with gcc " + GCC_MAJOR + "; gcc here is " + version);
    assertThat(GuestBuild.run("build.sh", directory)).isEqualTo(GuestImage.load());
  }
}
