"""The second keyed stages: what all regions' journals say of one person, household or enterprise (wire.md section 8).

The region's judge tells facts (`telling`), the stage folds and judges them (`engine`, with `people` or `enterprises`).
"""
