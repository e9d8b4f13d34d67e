package io.faultline.source.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.MigrationMode;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.WireSettings;
import io.faultline.source.journal.state.JournalRecord;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class JournalTest {
  private static final long RAM_BYTES = 16 * 4096;
  private static final InetSocketAddress DESTINATION =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4747);
  private static final ByteString STATE = ByteString.copyFromUtf8("registers");
  private static final SourceSettings SETTINGS =
      new SourceSettings(DESTINATION)
          .withMode(MigrationMode.HYBRID)
          .withPlacement(Placement.CONTINUE)
          .withBandwidth(12345)
          .withPrefetch(false)
          .withWire(new WireSettings(CompressionMode.ZSTD, false, 3));

  private final LinuxKernel kernel = new LinuxKernel();
  private final Path memory =
      Path.of("/dev/shm/faultline-journal-test-" + ProcessHandle.current().pid());
  @TempDir private Path directory = Path.of("");
  private MemoryRegion ram = map(Backing.file(memory, PageSize.BASE));

  @BeforeEach
  void write() {
    ram.guest().data().set(ValueLayout.JAVA_LONG, 8192, 42);
  }

  @AfterEach
  void remove() throws IOException {
    ram.close();
    Files.deleteIfExists(memory);
  }

  @Test
  void journalIsReadByALaterProcess() throws Exception {
    String id;
    try (Journal journal = create()) {
      id = journal.id();
      assertThat(journal.stage()).isEqualTo(JournalStage.RUNS_HERE);
      journal.paused(STATE);
      journal.committed();
    }
    ram.close();
    try (Journal journal = journals().open(id.substring(0, 4))) {
      assertThat(journal.id()).isEqualTo(id);
      assertThat(journal.stage()).isEqualTo(JournalStage.COMMITTED);
      assertThat(journal.deviceState()).isEqualTo(STATE);
      assertThat(journal.destinations()).containsExactly(DESTINATION);
      assertThat(journal.settings(DESTINATION).withMode(MigrationMode.HYBRID)).isEqualTo(SETTINGS);
      assertThat(journal.vmType()).isEqualTo("table");
      try (RetainedMemory retained = journal.map(kernel)) {
        assertThat(retained.regions().getFirst().guest().data().get(ValueLayout.JAVA_LONG, 8192))
            .isEqualTo(42);
        assertThat(retained.sizeBytes()).isEqualTo(RAM_BYTES);
        assertThatThrownBy(retained::resume).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void journalFromBeforeARestartOfTheMachineIsNotResumed() throws Exception {
    String id;
    try (Journal journal = create()) {
      id = journal.id();
      journal.paused(STATE);
      JournalRecord written = JournalFile.read(journal.file());
      assertThat(written.getBootId()).hasSize(36);
      JournalFile.write(
          journal.file(), written.toBuilder().setBootId("before").setSurvivor(STATE).build());
    }
    assertThatThrownBy(() -> journals().open(id))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("this machine has restarted since")
        .hasMessageContaining("remove the journal");
    assertThat(journals().list())
        .singleElement()
        .matches(each -> !each.survives() && !each.underWay());
    assertThatThrownBy(() -> journals().requireFree(memory)).hasMessageContaining("remove");
  }

  @Test
  void journalOfAVmThatRanBeforeARestartOfTheMachineFreesItsMemory() throws Exception {
    try (Journal journal = create()) {
      JournalFile.write(
          journal.file(), JournalFile.read(journal.file()).toBuilder().setBootId("before").build());
    }
    journals().requireFree(memory);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void addressThatIsAddedIsTheFirstForALaterProcess() throws Exception {
    InetSocketAddress other = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7001);
    String id;
    try (Journal journal = create()) {
      id = journal.id();
      journal.committed();
      journal.destinationAdded(other);
    }
    try (Journal journal = journals().open(id)) {
      assertThat(journal.destinations()).containsExactly(other, DESTINATION);
      assertThat(journal.stage()).isEqualTo(JournalStage.COMMITTED);
      journal.destinationAdded(DESTINATION);
      assertThat(journal.destinations()).containsExactly(DESTINATION, other);
    }
  }

  @Test
  void eachProcessNumbersItsAttemptsAboveThoseOfEarlierOnes() throws Exception {
    String id;
    try (Journal journal = create()) {
      id = journal.id();
      journal.committed();
      assertThat(journal.migrationIdentity().attemptsBefore()).isZero();
    }
    int before = 1;
    for (int process = 0; process < 3; process++) {
      try (Journal journal = journals().open(id)) {
        journal.resume();
        MigrationIdentity migrationIdentity = journal.migrationIdentity();
        assertThat(migrationIdentity.committed()).isTrue();
        assertThat(migrationIdentity.attemptsBefore()).isGreaterThanOrEqualTo(before + 100_000);
        before = migrationIdentity.attemptsBefore();
      }
    }
  }

  @Test
  void onlyOneProcessAtATimeCanOpenIt() throws Exception {
    try (Journal journal = create()) {
      assertThatThrownBy(() -> journals().open(journal.id()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process is working on");
    }
  }

  @Test
  void journalIsRemovedAfterItsMigration() throws Exception {
    try (Journal journal = create()) {
      String id = journal.id();
      journal.committed();
      journal.completed();
      assertThat(directory).isEmptyDirectory();
      assertThatThrownBy(() -> journals().open(id)).hasMessageContaining("no journal");
    }
  }

  @Test
  void damagedJournalIsRefusedWhicheverByteIsWrong() throws Exception {
    Path file;
    String id;
    try (Journal journal = create()) {
      file = journal.file();
      id = journal.id();
    }
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(file, damaged);
      assertThatThrownBy(() -> journals().open(id))
          .as("byte %d", at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> journals().open(id)).hasMessageContaining("bytes of");
  }

  @Test
  void commitChangesOneWordOfTheFile() throws Exception {
    try (Journal journal = create()) {
      journal.paused(STATE);
      assertThat(JournalFile.read(journal.file()).getStanding())
          .as("before the commit")
          .isEqualTo(JournalStage.PAUSED.value());
      Object inode = Files.getAttribute(journal.file(), "unix:ino");
      byte[] expected = Files.readAllBytes(journal.file());
      System.arraycopy("RUN!".getBytes(StandardCharsets.US_ASCII), 0, expected, 20, 4);
      journal.committed();
      assertThat(journal.stage()).isEqualTo(JournalStage.COMMITTED);
      assertThat(Files.getAttribute(journal.file(), "unix:ino")).isEqualTo(inode);
      assertThat(Files.readAllBytes(journal.file())).isEqualTo(expected);
      JournalRecord read = JournalFile.read(journal.file());
      assertThat(read.getStanding()).isEqualTo(JournalStage.COMMITTED.value());
      assertThat(read.getDeviceState()).isEqualTo(STATE);
    }
  }

  @Test
  void commitStaysInWhatIsRecordedLater() throws Exception {
    try (Journal journal = create()) {
      journal.paused(STATE);
      journal.committed();
      journal.destinationAdded(InetSocketAddress.createUnresolved("other", 4711));
      assertThat(JournalFile.read(journal.file()).getStanding())
          .isEqualTo(JournalStage.COMMITTED.value());
    }
  }

  @Test
  void commitContainsWhatWasRecordedSinceItWasPrepared() throws Exception {
    try (Journal journal = create()) {
      journal.paused(ByteString.EMPTY);
      journal.destinationAdded(InetSocketAddress.createUnresolved("other", 4711));
      journal.committed();
      assertThat(JournalFile.read(journal.file()).getDestinations(0).getHost()).isEqualTo("other");
      assertThat(journal.stage()).isEqualTo(JournalStage.COMMITTED);
    }
  }

  @Test
  void commitThatWasNotMadeIsRemovedWithTheJournal() throws Exception {
    try (Journal journal = create()) {
      journal.paused(ByteString.EMPTY);
      journal.released();
      assertThat(directory).isEmptyDirectory();
    }
  }

  @Test
  void oldJournalStaysIfTheNewOneCannotBeWritten() throws Exception {
    try (Journal journal = create()) {
      Path fresh = Path.of(journal.file() + ".new");
      Files.createDirectories(fresh.resolve("in the way"));
      assertThatThrownBy(journal::committed)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot be written");
      assertThat(journal.stage()).isEqualTo(JournalStage.RUNS_HERE);
      assertThat(JournalFile.read(journal.file()).getStanding())
          .isEqualTo(JournalStage.RUNS_HERE.value());
    }
  }

  @Test
  void anotherFileInPlaceOfTheMemoryIsRefused() throws Exception {
    try (Journal journal = create()) {
      Files.delete(memory);
      assertThatThrownBy(() -> journal.map(kernel)).hasMessageContaining("is gone");
      assertThat(memory).as("must not be created").doesNotExist();
      Files.write(memory, new byte[(int) RAM_BYTES - 1]);
      assertThatThrownBy(() -> journal.map(kernel)).hasMessageContaining("65535 bytes");
      Files.write(memory, new byte[(int) RAM_BYTES]);
      assertThatThrownBy(() -> journal.map(kernel)).hasMessageContaining("another file");
    }
  }

  @Test
  void memoryThatAMigrationNeedsIsNotGivenToAnother() throws Exception {
    try (Journal journal = create()) {
      assertThatThrownBy(() -> journals().requireFree(memory)).hasMessageContaining("under way");
      journal.committed();
    }
    assertThatThrownBy(() -> journals().requireFree(memory)).hasMessageContaining("resume it");
    journals().requireFree(memory.resolveSibling("another"));
  }

  @Test
  void memoryOfAVmThatEndedWithItsProcessIsFree() throws Exception {
    create().close();
    journals().requireFree(memory);
    assertThat(directory).as("its journal is removed").isEmptyDirectory();
  }

  @Test
  void memoryThatDoesNotSurviveItsProcessHasNoJournal() {
    try (MemoryRegion anonymous = map(Backing.ANONYMOUS)) {
      assertThatThrownBy(
              () -> journals().create(vm(anonymous), SETTINGS, ReconnectSettings.DEFAULT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("--backing file:PATH");
      assertThat(directory).isEmptyDirectory();
    }
  }

  @Test
  void onlyTheOwnerCanReadAJournal() throws Exception {
    try (Journal journal = create()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(journal.file())))
          .isEqualTo("rw-------");
    }
  }

  private Journals journals() {
    return new Journals(directory);
  }

  private Journal create() throws IOException {
    return journals().create(vm(ram), SETTINGS, ReconnectSettings.DEFAULT);
  }

  private MemoryRegion map(Backing backing) {
    return MemoryRegion.map(kernel, 0, "ram", backing, RAM_BYTES);
  }

  private static OutgoingVm vm(MemoryRegion region) {
    return new OutgoingVm() {
      @Override
      public String type() {
        return "table";
      }

      @Override
      public ByteString configuration() {
        return ByteString.copyFromUtf8("of twelve rows");
      }

      @Override
      public List<MemoryRegion> regions() {
        return List.of(region);
      }

      @Override
      public DirtyLog dirtyLog() {
        throw new IllegalStateException("must not be called");
      }

      @Override
      public void pause() {
        throw new IllegalStateException("must not be called");
      }

      @Override
      public void resume() {
        throw new IllegalStateException("must not be called");
      }

      @Override
      public ByteString deviceState() {
        return STATE;
      }
    };
  }
}
