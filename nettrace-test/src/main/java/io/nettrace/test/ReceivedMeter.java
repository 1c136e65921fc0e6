package io.nettrace.test;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;

/**
 * A meter with one set of tags as it arrived: one data point.
 *
 * @param name the name
 * @param unit the unit, for example {@code milliseconds}
 * @param type which kind of data it is
 * @param tags the tags
 * @param count how many values a histogram or summary has seen, 0 for other types
 * @param value the value of a sum or gauge, the sum of a histogram's or summary's values
 * @param bounds the upper bounds of a histogram's buckets, empty without buckets
 * @param buckets the count in each bucket, one more than there are bounds
 */
public record ReceivedMeter(String name, String unit, Metric.DataCase type, Map<String, Object> tags, long count,
		double value, List<Double> bounds, List<Long> buckets) {

	static Stream<ReceivedMeter> streamOf(Metric metric) {
		return switch (metric.getDataCase()) {
			case SUM -> metric.getSum().getDataPointsList().stream().map((point) -> of(metric, point));
			case GAUGE -> metric.getGauge().getDataPointsList().stream().map((point) -> of(metric, point));
			case HISTOGRAM -> metric.getHistogram().getDataPointsList().stream().map((point) -> of(metric, point));
			case EXPONENTIAL_HISTOGRAM ->
				metric.getExponentialHistogram().getDataPointsList().stream().map((point) -> of(metric, point));
			case SUMMARY -> metric.getSummary().getDataPointsList().stream().map((point) -> of(metric, point));
			case DATA_NOT_SET -> Stream.empty();
		};
	}

	private static ReceivedMeter of(Metric metric, NumberDataPoint point) {
		double value = point.hasAsInt() ? point.getAsInt() : point.getAsDouble();
		return new ReceivedMeter(metric.getName(), metric.getUnit(), metric.getDataCase(),
				Decode.attributes(point.getAttributesList()), 0, value, List.of(), List.of());
	}

	private static ReceivedMeter of(Metric metric, HistogramDataPoint point) {
		return new ReceivedMeter(metric.getName(), metric.getUnit(), metric.getDataCase(),
				Decode.attributes(point.getAttributesList()), point.getCount(), point.getSum(),
				point.getExplicitBoundsList(), point.getBucketCountsList());
	}

	private static ReceivedMeter of(Metric metric, ExponentialHistogramDataPoint point) {
		return new ReceivedMeter(metric.getName(), metric.getUnit(), metric.getDataCase(),
				Decode.attributes(point.getAttributesList()), point.getCount(), point.getSum(), List.of(), List.of());
	}

	private static ReceivedMeter of(Metric metric, SummaryDataPoint point) {
		return new ReceivedMeter(metric.getName(), metric.getUnit(), metric.getDataCase(),
				Decode.attributes(point.getAttributesList()), point.getCount(), point.getSum(), List.of(), List.of());
	}

}
