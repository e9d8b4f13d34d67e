package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether KVM VMs can be migrated on this machine. */
final class KvmMachine {
  static final Path DEVICE = Path.of("/dev/kvm");

  private KvmMachine() {}

  /** Skips the test where they cannot, with the reason. */
  static void assumeThere() {
    assumeTrue(System.getProperty("os.arch", "").equals("amd64"), "KVM is bound for x86-64 alone");
    assumeTrue(
        Files.isReadable(DEVICE) && Files.isWritable(DEVICE),
        DEVICE + " is missing, or closed to this user");
    OpenOptions options = OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL);
    try {
      new LinuxKernel().openUserfaultfd(options).close();
    } catch (SystemCallException e) {
      assumeTrue(false, "faults in the kernel cannot be caught: " + e.getMessage());
    }
  }
}
