package io.faultline.cli.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.recording.ArrivedCells;
import io.faultline.dest.recording.Way;
import org.junit.jupiter.api.Test;

class CellSharesTest {
  @Test
  void pagesThatWereSentAgainCountOnceAsTheyCameLast() {
    long[][] pages = new long[Way.values().length][2];
    pages[Way.PRECOPY.ordinal()][0] = 25; // in several rounds
    pages[Way.CURRENT.ordinal()][0] = 5;
    pages[Way.BACKGROUND.ordinal()][0] = 3;
    pages[Way.URGENT.ordinal()][0] = 2;
    pages[Way.PRECOPY.ordinal()][1] = 1;
    CellShares shares =
        new CellShares(new ArrivedCells(14, 10, pages, new long[] {1, 1}, new long[] {2, 2}));
    assertThat(shares.pages(Way.URGENT, 0)).isEqualTo(2);
    assertThat(shares.pages(Way.BACKGROUND, 0)).isEqualTo(3);
    assertThat(shares.pages(Way.PRECOPY, 0)).isEqualTo(5);
    assertThat(shares.pages(Way.CURRENT, 0)).isZero();
    assertThat(shares.total(Way.PRECOPY)).isEqualTo(6);
  }

  @Test
  void lastCellMayBeSmaller() {
    long[][] pages = new long[Way.values().length][2];
    pages[Way.PRECOPY.ordinal()][1] = 9;
    CellShares shares =
        new CellShares(new ArrivedCells(14, 10, pages, new long[] {0, 1}, new long[] {0, 2}));
    assertThat(shares.pages(Way.PRECOPY, 1)).isEqualTo(4);
  }
}
