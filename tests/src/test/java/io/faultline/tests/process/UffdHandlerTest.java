package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs with Firecracker's protocol get the memory of a snapshot, and never a wrong byte. */
class UffdHandlerTest {
  private static final int PAGES = 2048;
  private static final Duration SOON = Duration.ofMinutes(1);

  /** Ended by SIGKILL, as Java shows it. */
  private static final int KILLED = 128 + 9;

  private static final Pattern FIGURES =
      Pattern.compile("has exited; (\\d+) faults.* (\\d+) ranges given back, (\\d+) retries");

  @RegisterExtension private final Processes processes = new Processes();

  private static void assertRight(Node vm) throws InterruptedException {
    int exit = vm.await(SOON);
    assertThat(exit).as(() -> vm.out() + " " + vm.err()).isZero();
    assertThat(vm.out().getLast()).startsWith("right ");
  }

  private static void assertKilled(Node vm) throws InterruptedException {
    assertThat(vm.await(SOON)).as(() -> vm.out() + " " + vm.err()).isEqualTo(KILLED);
  }

  @ParameterizedTest
  @CsvSource({"anonymous,", "anonymous,--no-background", "memfd,", "memfd,--no-background"})
  void threadsReadWhatIsInTheFile(String backing, String option) throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = option == null ? vms.handler() : vms.handler(option);
    Node vm = vms.reading(backing, "current");
    assertRight(vm);
    handler.awaitError("VM " + vm.pid() + ": has exited");
    if (option != null) { // else the background may finish first, or the VM
      assertThat(handler.err()).noneMatch(line -> line.contains("needs no handler"));
    }
  }

  @Test
  void messagesOfAllVersionsAndInPartsAreUnderstood() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler();
    for (String handshake : List.of("kib", "plain", "split", "late")) {
      assertRight(vms.reading("anonymous", handshake));
    }
    assertThat(handler.isAlive()).isTrue();
  }

  /** Whoever has handed over a userfaultfd waits for its memory. */
  @Test
  void vmWithAnImpossibleMessageIsKilledAndOthersAreServed() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler();
    assertKilled(vms.reading("anonymous", "short"));
    handler.awaitError("give the memory file of the snapshot that it loads");
    assertKilled(vms.reading("anonymous", "cut"));
    handler.awaitError("is not complete at the end of the connection");
    assertKilled(vms.reading("anonymous", "text"));
    handler.awaitError("is no JSON array of regions: hello");
    assertKilled(vms.reading("anonymous", "overlap"));
    handler.awaitError("regions 0 and 1 overlap");
    assertRight(vms.reading("anonymous", "current"));
  }

  @Test
  void otherProtocolsAreRefusedByName() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler();
    List<Node> refused =
        List.of(
            vms.reading("anonymous", "two"),
            vms.reading("anonymous", "three"),
            vms.reading("anonymous", "pipe"));
    handler.awaitError("this is the protocol of the pager");
    handler.awaitError("Firecracker's secret-free branch");
    handler.awaitError("not a userfaultfd");
    assertThat(refused).allMatch(Node::isAlive);
    assertRight(vms.reading("anonymous", "current"));
  }

  @Test
  void severalVmsAtOnceAreRight() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node _ = vms.handler();
    List<Node> all =
        List.of(
            vms.reading("anonymous", "current"),
            vms.start("anonymous", "current", "storm", 2, 1),
            vms.reading("memfd", "current"));
    for (Node vm : all) {
      assertRight(vm);
    }
  }

  /** The copy of a page of the file after the kernel has dropped the page would stay. */
  @ParameterizedTest
  @ValueSource(strings = {"anonymous", "memfd"})
  void pageThatIsReadWhileItIsGivenBackIsZeroAfterwards(String backing) throws Exception {
    Microvms vms = Microvms.prepare(processes, 2 * PAGES);
    Node _ = vms.handler("--no-background");
    assertRight(vms.start(backing, "current", "race", 2, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-background", "--quiet"})
  void memoryGivenBackBesideFaultsIsZeroAndNoFaultIsLost(String option) throws Exception {
    storm(3, option);
  }

  @Nightly
  @Test
  void memoryGivenBackBesideFaultsForAMinuteIsZeroAndNoFaultIsLost() throws Exception {
    storm(60, "--no-background");
  }

  private void storm(int seconds, String option) throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler(option);
    assertRight(vms.start("anonymous", "current", "storm", 4, seconds));
    if (option.equals("--no-background")) {
      handler.awaitError("has exited");
      Matcher figures = FIGURES.matcher(handler.err().getLast());
      assertThat(figures.find()).as(handler.err().getLast()).isTrue();
      long events = Long.parseLong(figures.group(1)) + Long.parseLong(figures.group(2));
      assertThat(Long.parseLong(figures.group(3)))
          .as("fills that were refused and tried again, of %s events", events)
          .isLessThan(4 * events);
    }
  }

  @Test
  void handlerWithNothingToDoUsesNoTime() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler("--no-background");
    Node vm = vms.start("anonymous", "current", "wait", 1, 0);
    vm.awaitOutput("next");
    Thread.sleep(500); // compilers have finished
    long before = vmThreadTicks(handler);
    Thread.sleep(1000);
    assertThat(vmThreadTicks(handler) - before).as("ticks of 10 ms").isLessThan(5);
    goOn(vm);
    assertRight(vm);
  }

  /** The time that the VM's thread has used. */
  private static long vmThreadTicks(Node handler) throws IOException {
    try (var threads = Files.list(Path.of("/proc/" + handler.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.contains("(faultline-vm)")) {
          String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
          return Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // utime, stime
        }
      }
    }
    throw new AssertionError("the handler has no thread for a VM");
  }

  private static void goOn(Node vm) throws IOException {
    try (OutputStream input = vm.input()) {
      input.write('\n');
    }
  }

  @Test
  void vmOfAKilledHandlerIsKilled() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler("--no-background");
    Node vm = vms.start("anonymous", "current", "wait", 1, 0);
    vm.awaitOutput("next");
    handler.kill();
    assertKilled(vm);
  }

  @Test
  void handlerThatEndsKillsTheVmThatNeedsItAndLeavesTheOthers() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler("--no-background");
    Node needing = vms.start("anonymous", "current", "wait", 1, 0);
    needing.awaitOutput("next");
    handler.interrupt();
    assertKilled(needing);
    handler.awaitError("killed: the handler ends, and the VM still needs it");
    handler.awaitSuccess();
    Node next = vms.handler();
    Node complete = vms.start("anonymous", "current", "wait", 1, 0);
    complete.awaitOutput("next");
    next.awaitError("needs no handler any more");
    next.kill();
    next.await(SOON);
    goOn(complete);
    assertRight(complete);
  }

  @Test
  void vmThatIsHeldGoesOnWithTheNextHandler() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    String hold = "--hold=" + processes.file("held");
    Node first = vms.handler(hold, "--no-background");
    Node waiting = vms.start("anonymous", "current", "wait", 1, 0);
    waiting.awaitOutput("next");
    Node storming = vms.start("anonymous", "current", "storm", 4, 6);
    first.awaitError("VM " + storming.pid() + ": 2 regions");
    for (int i = 0; i < 3; i++) {
      Thread.sleep(300);
      first.kill();
      first.await(SOON);
      first = vms.handler(hold, "--no-background");
      first.awaitError("VM " + waiting.pid() + ": taken over"); // the other one may have ended
    }
    goOn(waiting);
    assertRight(waiting);
    assertRight(storming);
    first.awaitError("VM " + waiting.pid() + ": has exited");
    first.interrupt();
    first.awaitSuccess();
    try (var left = Files.list(processes.file("held"))) {
      assertThat(left.map(file -> file.getFileName().toString())).containsExactly("lock");
    }
  }

  /** The pages that the first VM needed come without faults for the second. */
  @Test
  void workingSetOfAnEarlierVmComesFirst() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Path workingSet = vms.memory().resolveSibling(vms.memory().getFileName() + ".ws");
    Node recording = vms.handler("--no-background");
    Node vm = vms.reading("anonymous", "current");
    assertRight(vm);
    recording.awaitError("VM " + vm.pid() + ": has exited");
    recording.interrupt();
    recording.awaitSuccess();
    assertThat(workingSet).isNotEmptyFile();
    Node next = vms.handler();
    assertRight(vms.reading("anonymous", "current"));
    assertThat(next.err()).noneMatch(line -> line.contains("working set"));
    Files.write(workingSet, new byte[100]); // damaged
    assertRight(vms.reading("memfd", "current"));
    next.awaitError("is not used");
  }

  /** Nothing stays of a VM whose handler was killed: no other one may ever start. */
  @Test
  void holderEndsAfterItsVm() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Path held = processes.file("held");
    Node handler = vms.handler("--hold=" + held, "--no-background");
    Node vm = vms.start("anonymous", "current", "wait", 1, 0);
    vm.awaitOutput("next");
    ProcessHandle holder = holder(held, vm);
    handler.kill();
    handler.await(SOON);
    assertThat(holder.isAlive()).isTrue();
    vm.kill();
    assertThat(holder.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(holder);
  }

  private static ProcessHandle holder(Path held, Node vm) throws IOException {
    try (var all = Files.list(held)) {
      Path directory =
          all.filter(each -> each.getFileName().toString().startsWith("vm-" + vm.pid() + "-"))
              .findFirst()
              .orElseThrow();
      String[] columns = Files.readString(directory.resolve("holder")).split(" ", -1);
      return ProcessHandle.of(Long.parseLong(columns[2])).orElseThrow();
    }
  }

  @Test
  void memoryFileThatBecomesShorterKillsItsVmsAndNotTheHandler() throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    Node handler = vms.handler("--no-background");
    Node vm = vms.start("anonymous", "current", "wait", 1, 0);
    vm.awaitOutput("next");
    try (FileChannel file = FileChannel.open(vms.memory(), StandardOpenOption.WRITE)) {
      FileChannel _ = file.truncate(Microvms.PAGE);
    }
    goOn(vm);
    assertKilled(vm);
    handler.awaitError("has become shorter");
    assertThat(handler.isAlive()).isTrue();
    handler.interrupt();
    handler.awaitSuccess();
  }
}
