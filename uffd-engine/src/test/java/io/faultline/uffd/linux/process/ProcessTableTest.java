package io.faultline.uffd.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProcessTableTest {
  @TempDir Path proc;

  private @Nullable Process process;

  @AfterEach
  void killTree() throws InterruptedException {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void treeOfARealProcessIsFoundFromTheTop() throws IOException {
    requireLinux();
    Process shell = start("sh", "-c", "(sleep 1000 & echo x; wait) & sleep 1000 & wait");
    int top = (int) shell.pid();
    List<ProcessEntry> tree = awaitTree(top, 4);
    assertThat(tree.getFirst().pid()).isEqualTo(top);
    assertThat(tree.getFirst().parentPid()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(tree.stream().map(ProcessEntry::name))
        .containsExactlyInAnyOrder("sh", "sh", "sleep", "sleep");
    for (int i = 1; i < tree.size(); i++) {
      int parent = tree.get(i).parentPid();
      assertThat(tree.subList(0, i).stream().map(ProcessEntry::pid)).contains(parent);
      assertThat(tree.get(i).startTicks()).isGreaterThanOrEqualTo(tree.getFirst().startTicks());
      assertThat(tree.get(i).isZombie()).isFalse();
    }
  }

  @Test
  void innermostIdOfAPidNamespaceIsRead() throws IOException {
    requireLinux();
    Process outer = start("unshare", "--pid", "--fork", "sh", "-c", "echo x; sleep 1000 & wait");
    assumeTrue("x".equals(outer.inputReader().readLine()), "pid namespaces are not permitted");
    List<ProcessEntry> tree = awaitTree((int) outer.pid(), 3);
    assertThat(tree.get(0).namespacePid()).isEqualTo(tree.get(0).pid());
    assertThat(tree.get(1).namespacePid()).isEqualTo(1);
    assertThat(tree.get(1).pid()).isGreaterThan(1);
    assertThat(tree.get(2).namespacePid()).isEqualTo(2);
  }

  @Test
  void processThatDoesNotExistIsNotFound() {
    ProcessTable table = new ProcessTable(proc);
    assertThat(table.find(7)).isNull();
    assertThat(table.children(7)).isEmpty();
    assertThat(table.tree(7)).isEmpty();
  }

  @Test
  void childrenOfAllThreadsAreFoundWhateverTheNamesContain() throws IOException {
    add(10, "a) R 9 (b", 1, "10\t3", "11 12 ");
    thread(10, 15, "14 ");
    add(11, "x y", 10, "11", "");
    add(12, "worker", 10, "12\t40\t5", "13");
    add(13, "z", 12, "13", "");
    add(14, "t", 10, "14", "");
    List<ProcessEntry> tree = new ProcessTable(proc).tree(10);
    assertThat(tree)
        .containsExactly(
            new ProcessEntry(10, 3, 1, 'S', "a) R 9 (b", 110),
            new ProcessEntry(11, 11, 10, 'S', "x y", 111),
            new ProcessEntry(12, 5, 10, 'S', "worker", 112),
            new ProcessEntry(14, 14, 10, 'S', "t", 114),
            new ProcessEntry(13, 13, 12, 'S', "z", 113));
  }

  @Test
  void childrenThatVanishedOrBelongToAnotherParentNowAreLeftOut() throws IOException {
    add(10, "top", 1, "10", "11 12 13");
    add(12, "other", 1, "12", "");
    add(13, "child", 10, "13", "");
    Files.createDirectories(proc.resolve("10/task/19")); // a thread that has just ended
    assertThat(new ProcessTable(proc).tree(10).stream().map(ProcessEntry::pid))
        .containsExactly(10, 13);
  }

  @Test
  void halfWrittenEntryIsNoProcess() throws IOException {
    add(10, "top", 1, "10", "");
    Files.writeString(proc.resolve("10/stat"), "10 (top) S 1 2");
    assertThat(new ProcessTable(proc).find(10)).isNull();
    Files.writeString(proc.resolve("10/stat"), "");
    assertThat(new ProcessTable(proc).find(10)).isNull();
  }

  @Test
  void kernelWithoutPidNamespacesReportsTheId() throws IOException {
    add(10, "top", 1, "10", "");
    Files.writeString(proc.resolve("10/status"), "Name:\ttop\n");
    assertThat(Objects.requireNonNull(new ProcessTable(proc).find(10)).namespacePid())
        .isEqualTo(10);
  }

  private void add(int pid, String name, int parent, String namespacePids, String children)
      throws IOException {
    thread(pid, pid, children);
    String zeros = "0 ".repeat(17);
    Files.writeString(
        proc.resolve(pid + "/stat"),
        pid + " (" + name + ") S " + parent + " " + zeros + (100 + pid) + " 0 0\n");
    Files.writeString(
        proc.resolve(pid + "/status"),
        "Name:\t" + name + "\nNSpid:\t" + namespacePids + "\nThreads:\t1\n");
  }

  private void thread(int pid, int thread, String children) throws IOException {
    Path directory = Files.createDirectories(proc.resolve(pid + "/task/" + thread));
    Files.writeString(directory.resolve("children"), children);
  }

  private Process start(String... command) throws IOException {
    Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
    process = started;
    return started;
  }

  private static List<ProcessEntry> awaitTree(int top, int size) {
    List<ProcessEntry> tree;
    do {
      tree = new ProcessTable().tree(top);
    } while (tree.size() < size || tree.stream().anyMatch(each -> each.state() != 'S'));
    return tree;
  }

  private static void requireLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(Files.exists(Path.of("/proc/thread-self/children")), "no CONFIG_PROC_CHILDREN");
  }
}
