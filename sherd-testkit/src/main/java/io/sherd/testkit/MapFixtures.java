package io.sherd.testkit;

import java.util.stream.Stream;

/** The maps that contract suites run over. An implementation is a class with a constructor without parameters. */
@FunctionalInterface
public interface MapFixtures {

    /**
     * The configurations, each of which every suite runs over.
     *
     * @return a new stream
     */
    Stream<MapFixture> fixtures();
}
