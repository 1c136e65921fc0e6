package io.nettrace.libraries;

/**
 * What an application must do for a library to be shown.
 */
enum Support {

	OUT_OF_THE_BOX("out of the box"),

	SWITCH("by a property"),

	RECIPE("recipe"),

	NOT("not shown");

	private final String text;

	Support(String text) {
		this.text = text;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
