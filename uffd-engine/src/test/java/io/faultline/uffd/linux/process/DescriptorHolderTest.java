package io.faultline.uffd.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.ForeignProcess;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DescriptorHolderTest {
  private static final int GROUP = 2;
  private static final int SESSION = 3;
  private static final int TERMINAL = 4;

  @TempDir Path directory;

  @BeforeEach
  void requireLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(Files.isExecutable(Path.of("/bin/sleep")), "no /bin/sleep");
  }

  @Test
  void holderHasNothingOpenButWhatItHolds() throws IOException {
    Path first = Files.createFile(directory.resolve("first"));
    Path second = Files.createFile(directory.resolve("second"));
    int a = FileDescriptors.open(first, 0);
    int b = FileDescriptors.open(second, 0);
    try (DescriptorHolder holder = DescriptorHolder.start("holds a test", b, a, b)) {
      String nothing = "/dev/null";
      assertThat(open(holder.pid()))
          .containsExactlyEntriesOf(
              new TreeMap<>(
                  Map.of(
                      0,
                      nothing,
                      1,
                      nothing,
                      2,
                      nothing,
                      3,
                      second.toString(),
                      4,
                      first.toString(),
                      5,
                      second.toString())));
      assertThat(Files.readSymbolicLink(proc(holder.pid(), "cwd"))).isEqualTo(Path.of("/"));
      assertThat(Files.readString(proc(holder.pid(), "cmdline"))).contains("infinity");
      assertThat(open((int) ProcessHandle.current().pid()).values())
          .as("still open here, once each")
          .containsOnlyOnce(first.toString(), second.toString());
    } finally {
      FileDescriptors.close(a);
      FileDescriptors.close(b);
    }
  }

  @Test
  void holderIsFreeOfTerminalAndSignals() throws IOException {
    try (DescriptorHolder holder = DescriptorHolder.start("holds a test")) {
      String[] stat =
          Files.readString(proc(holder.pid(), "stat")).split("\\) ", -1)[1].split(" ", -1);
      assertThat(stat[GROUP]).isEqualTo(Integer.toString(holder.pid()));
      assertThat(stat[SESSION]).isEqualTo(Integer.toString(holder.pid()));
      assertThat(stat[TERMINAL]).isEqualTo("0");
      assertThat(Files.readString(proc(holder.pid(), "status")))
          .contains("SigBlk:\t0000000000000000")
          .contains("SigIgn:\t0000000000000000");
    }
  }

  @Test
  void closingKillsAndReapsIt() {
    DescriptorHolder holder = DescriptorHolder.start("holds a test");
    assertThat(new ProcessTable().find(holder.pid())).isNotNull();
    try (PidFd found = PidFd.open(holder.pid(), holder.startTicks())) {
      assertThat(found).isNotNull();
      holder.close();
      holder.close();
      assertThat(found.hasExited()).isTrue();
      assertThat(new ProcessTable().find(holder.pid())).isNull();
    }
  }

  @Test
  void descriptorThatIsNotOpenIsRefusedAndNoOtherIsClosed() {
    String input = FileDescriptors.describe(0);
    assertThatThrownBy(() -> DescriptorHolder.start("holds a test", 999_999))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("999999")
        .hasMessageContaining("EBADF");
    assertThat(FileDescriptors.describe(0)).isEqualTo(input);
  }

  @Test
  void holderSurvivesTheDeathOfItsParent() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HoldAndSleep.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    int pid = Integer.parseInt(parent.inputReader().readLine());
    try (PidFd holder = PidFd.open(pid)) {
      assertThat(holder).isNotNull();
      parent.destroyForcibly();
      assertThat(parent.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(holder.hasExited()).isFalse();
      int fetched = holder.duplicate(DescriptorHolder.FIRST_DESCRIPTOR + 1).orElseThrow();
      assertThat(FileDescriptors.describe(fetched)).isEqualTo(file.toString());
      FileDescriptors.close(fetched);
      holder.sendSignal(PidFd.SIGKILL);
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void processWhoseUserfaultfdIsHeldSeesNoZeros() {
    ForeignProcess.requireIt();
    LinuxKernel kernel = new LinuxKernel();
    long page = ForeignProcess.PAGE;
    long source = kernel.map(MapRequest.anonymous(page, PageSize.BASE));
    kernel.guestStore(source, 77);
    try (ForeignProcess process = new ForeignProcess(1, (steps, address) -> steps.load(address));
        DescriptorHolder holder = DescriptorHolder.start("holds a test", process.descriptor())) {
      FileDescriptors.close(process.descriptor());
      try (PidFd pidfd = Objects.requireNonNull(PidFd.open(holder.pid(), holder.startTicks()));
          Userfaultfd fetched =
              kernel.adoptUserfaultfd(
                  pidfd.duplicate(DescriptorHolder.FIRST_DESCRIPTOR).orElseThrow(),
                  FaultScope.USER_AND_KERNEL)) {
        EventBuffer events = new EventBuffer(1);
        while (fetched.read(events) == 0) {
          Thread.onSpinWait();
        }
        assertThat(events.address(0)).isEqualTo(process.page(0));
        assertThat(process.process().poll()).isEqualTo(ChildProcess.RUNNING);
        assertThat(fetched.copy(process.page(0), source, page, FillMode.WAKE)).isEqualTo(page);
      }
      while (process.process().poll() == ChildProcess.RUNNING) {
        Thread.onSpinWait();
      }
      assertThat(process.program().result(1)).isEqualTo(77);
    } finally {
      kernel.unmap(source, page);
    }
  }

  private static SortedMap<Integer, String> open(int pid) throws IOException {
    SortedMap<Integer, String> open = new TreeMap<>();
    try (var links = Files.list(proc(pid, "fd"))) {
      for (Path link : links.toList()) {
        if (Files.isSymbolicLink(link)) { // else it was closed meanwhile
          open.put(
              Integer.parseInt(link.getFileName().toString()),
              Files.readSymbolicLink(link).toString());
        }
      }
    }
    return open;
  }

  private static Path proc(int pid, String file) {
    return Path.of("/proc/" + pid + "/" + file);
  }
}
