package io.faultline.dest.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SurvivingStateTest {
  private static final int FIRST_PAGES = 100;
  private static final int SECOND_PAGES = 64;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion first = region(0, FIRST_PAGES);
  private final MemoryRegion second = region(1, SECOND_PAGES);
  private final List<MemoryRegion> regions = List.of(first, second);

  @TempDir private Path directory;

  private MemoryRegion region(int id, int pages) {
    return MemoryRegion.map(kernel, id, "region" + id, Backing.SHMEM, pages * 4096L);
  }

  @AfterEach
  void unmap() {
    first.close();
    second.close();
  }

  private Path file() {
    return directory.resolve("state");
  }

  @Test
  void nothingIsWrittenAtFirst() throws Exception {
    try (SurvivingState state = SurvivingState.create(file(), regions)) {
      assertThat(state.stage()).isEqualTo(TakeOverStage.RECEIVING);
      assertThat(state.note()).isZero();
      assertThat(state.written(0).count()).isZero();
      assertThat(state.written(1).count()).isZero();
    }
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void whatWasStoredIsInTheFileAtOnce() throws Exception {
    try (SurvivingState state = SurvivingState.create(file(), regions)) {
      state.enter(TakeOverStage.RUNNING);
      state.setNote(7);
      state.add(0, 60, 70);
      state.add(1, 0, SECOND_PAGES);
      assertThat(SurvivingState.stageIn(file())).isEqualTo(TakeOverStage.RUNNING);
      try (SurvivingState other = SurvivingState.open(file(), regions)) {
        assertThat(other.stage()).isEqualTo(TakeOverStage.RUNNING);
        assertThat(other.note()).isEqualTo(7);
        PageBitmap written = other.written(0);
        assertThat(written.nextSet(0)).isEqualTo(60);
        assertThat(written.nextClear(60)).isEqualTo(70);
        assertThat(written.count()).isEqualTo(10);
        assertThat(other.written(1).count()).isEqualTo(SECOND_PAGES);
      }
    }
  }

  @Test
  void runsOfPagesAreThoseOfABitmap() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("runsOfPages seed " + seed);
    Random random = new Random(seed);
    PageBitmap expected = new PageBitmap(FIRST_PAGES);
    try (SurvivingState state = SurvivingState.create(file(), regions)) {
      for (int i = 0; i < 20; i++) {
        int from = random.nextInt(FIRST_PAGES);
        int to = from + random.nextInt(Math.min(9, FIRST_PAGES - from) + 1);
        state.add(0, from, to);
        expected.set(from, to);
        PageBitmap written = state.written(0);
        for (int page = 0; page < FIRST_PAGES; page++) {
          assertThat(written.get(page)).as("page %s", page).isEqualTo(expected.get(page));
        }
      }
      assertThat(state.written(1).count()).as("another region").isZero();
    }
  }

  @Test
  void pagesOutsideARegionAreRefused() throws Exception {
    try (SurvivingState state = SurvivingState.create(file(), regions)) {
      assertThatThrownBy(() -> state.add(0, FIRST_PAGES, FIRST_PAGES + 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void fileOfAnotherMigrationIsNotOverwritten() throws Exception {
    SurvivingState.create(file(), regions).close();
    assertThatThrownBy(() -> SurvivingState.create(file(), regions))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void damagedFilesAreRefused() throws Exception {
    SurvivingState.create(file(), regions).close();
    assertThatThrownBy(() -> SurvivingState.open(file(), List.of(first)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bytes instead of");
    Files.write(file(), new byte[(int) Files.size(file())]);
    assertThatThrownBy(() -> SurvivingState.open(file(), regions))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not the state of a destination");
    assertThatThrownBy(() -> SurvivingState.stageIn(file())).isInstanceOf(IOException.class);
  }

  @Test
  void stateWithoutPagesHasAHeader() throws Exception {
    SurvivingState.create(file(), List.of()).close();
    assertThat(Files.size(file())).isEqualTo(SurvivingState.EMPTY_BYTES);
  }
}
