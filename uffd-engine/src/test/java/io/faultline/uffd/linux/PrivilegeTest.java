package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Opening a userfaultfd without privileges, in a child JVM that runs as nobody. */
class PrivilegeTest {
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
  private Path readable = Path.of("unset");

  @BeforeEach
  void copyClassesToADirectoryThatNobodyCanRead() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root: cannot become nobody");
    assumeTrue(Files.isExecutable(SETPRIV), "no setpriv");
    Path sysctl = Path.of("/proc/sys/vm/unprivileged_userfaultfd");
    assumeTrue(
        Files.exists(sysctl) && Files.readString(sysctl).strip().equals("0"),
        "vm.unprivileged_userfaultfd is not 0: everybody is privileged");
    readable = Files.createTempDirectory("faultline-classes");
    for (String classes : List.of("target/classes", "target/test-classes")) {
      copy(Path.of(classes));
    }
    Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void deleteTheCopy() throws IOException {
    if (Files.isDirectory(readable)) {
      try (var files = Files.walk(readable)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void widestScopeIsUserOnly() throws Exception {
    assertThat(asNobody("WIDEST")).isEqualTo("opened USER_ONLY");
  }

  @Test
  void userAndKernelScopeIsRefusedWithTheRemedies() throws Exception {
    assertThat(asNobody("USER_AND_KERNEL"))
        .contains("EPERM")
        .contains("CAP_SYS_PTRACE")
        .contains("sysctl -w vm.unprivileged_userfaultfd=1")
        .contains("/dev/userfaultfd");
  }

  private String asNobody(String scope) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(SETPRIV.toString(), "--reuid=65534", "--regid=65534", "--clear-groups"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto", "-cp"));
    command.addAll(List.of(readable.toString(), OpenAndReport.class.getName(), scope));
    Process process =
        new ProcessBuilder(command).directory(readable.toFile()).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private void copy(Path from) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path to = readable.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
        String rights = Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--";
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString(rights));
      }
    }
  }
}
