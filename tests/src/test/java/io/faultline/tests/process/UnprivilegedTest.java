package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.migration.MigrationHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An unprivileged user on a machine with {@code vm.unprivileged_userfaultfd=0}. */
class UnprivilegedTest {
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  private static final Path SYSCTL = Path.of("/proc/sys/vm/unprivileged_userfaultfd");
  private static final Path DEVICE = Path.of("/dev/userfaultfd");

  @RegisterExtension private final Processes processes = new Processes();

  @BeforeEach
  void assumeNobodyCanRunTheJar() throws Exception {
    assumeTrue(
        Files.exists(SYSCTL) && Files.readString(SYSCTL).strip().equals("0"),
        SYSCTL + " is not 0: every user can handle all faults");
    assumeTrue(
        asNobody("test", "-r", Jar.find().toString(), "-a", "-x", Jar.java().toString()),
        "not root, no setpriv, or the jar or the JDK cannot be read by user 65534");
    assumeTrue(!asNobody("test", "-r", DEVICE.toString()), DEVICE + " is readable by every user");
    processes.openToAll();
  }

  @Test
  void doctorReportsThatUserModeFaultsAreEnough() throws Exception {
    Node doctor = processes.startWith(AS_NOBODY, List.of("doctor"));
    doctor.awaitSuccess();
    doctor.assertNoStackTrace();
    assertThat(doctor.out()).anyMatch(line -> line.contains("user mode only"));
    assertThat(doctor.out()).anyMatch(line -> line.contains("vm.unprivileged_userfaultfd"));
  }

  @Test
  void demoWorks() throws Exception {
    Path json = processes.file("result.json");
    Node demo = processes.startWith(AS_NOBODY, List.of("demo", "--ram=64m", "--json=" + json));
    demo.awaitSuccess();
    Result.read(json).assertMigrated(64 << 20, 2);
  }

  @Test
  void kvmVmIsRefusedWithTheRemedy() throws Exception {
    assumeTrue(Files.exists(MigrationHost.KVM_DEVICE), "no " + MigrationHost.KVM_DEVICE);
    assumeTrue(
        !asNobody("test", "-r", MigrationHost.KVM_DEVICE.toString()),
        MigrationHost.KVM_DEVICE + " is readable by every user");
    Node demo = processes.startWith(AS_NOBODY, List.of("demo", "--vm=kvm", "--ram=64m"));
    demo.awaitFailure(1, Node.LIMIT);
    assertThat(demo.err()).singleElement().asString().contains("/dev/kvm", "usermod -aG kvm");
  }

  private static boolean asNobody(String... command) {
    List<String> whole = new ArrayList<>(AS_NOBODY);
    whole.addAll(List.of(command));
    return Shell.run(whole.toArray(String[]::new)).isEmpty();
  }
}
