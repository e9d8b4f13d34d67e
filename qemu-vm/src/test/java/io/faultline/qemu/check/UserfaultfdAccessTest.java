package io.faultline.qemu.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UserfaultfdAccessTest {
  private static final String ROOT = "Name:\tqemu\nCapEff:\t000001ffffffffff\n";
  private static final String USER = "Name:\tqemu\nCapEff:\t0000000000000000\n";
  private static final String TRACER = "Name:\tqemu\nCapEff:\t0000000000080000\n";

  @Test
  void privilegesOfQemuAreEnough() {
    assertThat(UserfaultfdAccess.of(false, "0\n", ROOT).isPossible()).isTrue();
    assertThat(UserfaultfdAccess.of(false, "0\n", TRACER).isPossible()).isTrue();
  }

  @Test
  void qemuWithoutPrivilegesNeedsTheDeviceOrTheSysctl() {
    assertThat(UserfaultfdAccess.of(true, "0\n", USER).detail()).contains("/dev/userfaultfd");
    assertThat(UserfaultfdAccess.of(false, "1\n", USER).isPossible()).isTrue();
    UserfaultfdAccess none = UserfaultfdAccess.of(false, "0\n", USER);
    assertThat(none.isPossible()).isFalse();
    assertThat(none.detail()).contains("setfacl", "vm.unprivileged_userfaultfd=1");
    assertThat(UserfaultfdAccess.of(false, "", "").isPossible()).as("QEMU is gone").isFalse();
  }
}
