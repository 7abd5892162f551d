"""The second engine: a Spark cluster, for those who outgrow one machine (docs/cluster.md).

pyspark is imported only where a run asks for it: nothing here may do so when it is itself imported.
"""
