package io.faultline.cli.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.recording.RestoreRecording;
import io.faultline.cli.recording.Samples;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class RestorePageTest {
  private static final long MS = 1_000_000;
  private static final long START = 77 * MS;

  private final XPath xpath = XPathFactory.newInstance().newXPath();
  private final Histogram latencies = new Histogram(3_600_000 * MS, 2);

  private Document page(ObjectNode result) throws Exception {
    List<RestoreRecording.Phase> phases =
        List.of(
            new RestoreRecording.Phase("restoring", START),
            new RestoreRecording.Phase("running", START + 20 * MS),
            new RestoreRecording.Phase("finishing", START + 90 * MS));
    Samples samples =
        new Samples(
            new long[] {START, START + 50 * MS, START + 90 * MS},
            new long[] {0, 6 << 20, 8 << 20},
            new long[] {8 << 20, 2 << 20, 0});
    String text =
        RestorePage.of(new RestoreRecording(phases, START + 100 * MS, samples, latencies), result);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text.replace("<!DOCTYPE html>", ""))));
  }

  private static ObjectNode result() {
    return JsonMapper.shared()
        .createObjectNode()
        .put("status", "completed")
        .put("origin", "the images in <a & b>")
        .put("faults", 7);
  }

  private double number(Document page, String expression) throws Exception {
    return Double.parseDouble(xpath.evaluate("number(" + expression + ")", page));
  }

  @Test
  void showsPhasesThroughputAndWhatIsMissing() throws Exception {
    Document page = page(result());
    assertThat(number(page, "count(//*[@data-phase])")).isEqualTo(3);
    assertThat(number(page, "count(//*[@data-mark='throughput']/*[local-name()='path'])"))
        .isEqualTo(1);
    assertThat(xpath.evaluate("//*[@data-mark='remaining']/*[@class='remaining']/@d", page))
        .startsWith("M");
    assertThat(xpath.evaluate("//*[@data-mark='verdict']", page)).isEqualTo("completed");
    assertThat(number(page, "count(//*[@data-key='/faults'])")).isEqualTo(1);
    assertThat(xpath.evaluate("//p[1]", page)).contains("the images in <a & b>");
  }

  @Test
  void everyFaultIsInOneBarOfTheLatencies() throws Exception {
    for (long micros : new long[] {1, 10, 10, 11, 19, 300, 5_000, 900_000, 60_000_000}) {
      latencies.recordValue(micros * 1000);
    }
    Document page = page(result());
    assertThat(number(page, "count(//*[@data-count])")).isEqualTo(20);
    assertThat(number(page, "sum(//*[@data-count]/@data-count)")).isEqualTo(9);
    assertThat(number(page, "//*[@data-count][1]/@data-count")).isEqualTo(3);
    assertThat(number(page, "//*[@data-count][20]/@data-count")).isEqualTo(1);
  }

  @Test
  void failureIsNamedAndARestoreWithoutFaultsHasNoChart() throws Exception {
    Document page = page(result().put("status", "failed").put("error", "no <way>"));
    assertThat(xpath.evaluate("//*[@class='error']", page)).isEqualTo("no <way>");
    assertThat(number(page, "count(//*[@data-mark='latencies'])")).isZero();
  }
}
