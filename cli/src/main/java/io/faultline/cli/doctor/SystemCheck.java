package io.faultline.cli.doctor;

import io.faultline.uffd.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the kernel, Java, CPUs, memory and Netty's native transport. */
final class SystemCheck {
  /** Linux 5.11 added UFFD_USER_MODE_ONLY; older kernels need a privilege for any fault. */
  private static final int OLDEST_MAJOR = 5;

  private static final int OLDEST_MINOR = 11;

  /** For the default of the demo: 1 GiB on both sides, and two JVMs. */
  private static final long DEMO_BYTES = 5L << 29;

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private final @Nullable Kernel kernel;

  /**
   * @param kernel null if there is no binding for this machine
   */
  SystemCheck(@Nullable Kernel kernel) {
    this.kernel = kernel;
  }

  Section run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        system(
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    findings.add(Finding.ok("Java", Runtime.version() + ", " + System.getProperty("java.vendor")));
    findings.add(cpus(Runtime.getRuntime().availableProcessors()));
    if (kernel != null) {
      findings.add(memory(kernel.availableMemoryBytes()));
    }
    findings.add(netty(System.getProperty("os.arch")));
    return new Section("System", findings);
  }

  static Finding system(String name, String version, String machine) {
    String system = name + " " + version + ", " + machine;
    if (!name.equals("Linux")) {
      return Finding.missing("system", system + ": userfaultfd is a Linux call", "");
    }
    if (!machine.equals("amd64") && !machine.equals("aarch64")) {
      return Finding.missing("system", system + ": x86-64 and aarch64 are supported", "");
    }
    Matcher numbers = VERSION.matcher(version);
    if (numbers.matches() && isOld(numbers)) {
      return Finding.warn("system", system, "Linux 5.11 or later permits userfaultfd to all users");
    }
    return Finding.ok("system", system);
  }

  static Finding cpus(int cpus) {
    return cpus > 1
        ? Finding.ok("CPUs", Integer.toString(cpus))
        : Finding.warn("CPUs", "1: both sides share it, so measured times mean little", "");
  }

  static Finding memory(long availableBytes) {
    String detail = String.format(Locale.ROOT, "%.1f GiB available", availableBytes / 0x1p30);
    return availableBytes >= DEMO_BYTES
        ? Finding.ok("memory", detail)
        : Finding.warn(
            "memory", detail + ", demo needs 2.5 by default", "./faultline demo --ram 256m");
  }

  /** Checks only that the library is on the class path: loading it is slow. */
  static Finding netty(String machine) {
    String library =
        "META-INF/native/libnetty_transport_native_epoll_"
            + (machine.equals("amd64") ? "x86_64" : "aarch_64")
            + ".so";
    return ClassLoader.getSystemResource(library) != null
        ? Finding.ok("Netty epoll", "native library on the class path")
        : Finding.missing("Netty epoll", "no native library for " + machine, "");
  }

  private static boolean isOld(Matcher numbers) {
    int major = Integer.parseInt(numbers.group(1));
    int minor = Integer.parseInt(numbers.group(2));
    return major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR);
  }
}
